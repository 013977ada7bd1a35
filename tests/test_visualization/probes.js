// What the tests in test_page_in_browser.py ask of an opened page; each fills `told`.

const RULES = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

// The page once more, in a frame of its own.
async function framed(html, attributes) {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  await new Promise((done) => {
    frame.onload = done;
    frame.srcdoc = html;
    document.body.append(frame);
  });
  return frame;
}

const PROBES = {
  async accessibility(told, scheme) {
    document.documentElement.style.colorScheme = scheme;
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    const found = await axe.run(document, RULES);
    told.violations = found.violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html)]);
    told.passes = found.passes.length;
    told.paper = getComputedStyle(document.body).backgroundColor;
  },

  // The window of a headless browser is never so narrow.
  async phone(told) {
    const html = document.documentElement.outerHTML.replace(/<script>[^]*?<\/script>/g, "");
    const frame = await framed(html, { width: 375, height: 800, frameborder: 0 });
    const inside = frame.contentDocument.documentElement;
    told.inner = frame.contentWindow.innerWidth;
    told.scroll = inside.scrollWidth;
    const targets = [...inside.querySelectorAll("a, button, summary, input")].map((one) => one.getBoundingClientRect());
    told.small = targets.filter((box) => box.height && box.height < 24).length;
  },

  // Writing in charts that their edges cut off.
  cut(told) {
    const texts = [...document.querySelectorAll("figure svg text")];
    const whole = (text) => {
      const [inner, outer] = [text, text.closest("svg")].map((one) => one.getBoundingClientRect());
      return inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    };
    told.texts = texts.length;
    told.cut = texts.filter((text) => !whole(text)).map((text) => text.textContent);
  },

  sorting(told) {
    const table = document.querySelector("table.sortable");
    const heads = table.tHead.rows[0].cells;
    const column = (number) => [...table.tBodies[0].rows].map(({ cells }) => cells[number].dataset.value ?? cells[number].textContent);
    const press = (number) => {
      const button = heads[number].querySelector("button");
      button.focus();
      button.click();
      return document.activeElement === button && button.tagName;
    };
    told.button = press(2);
    told.down = column(2).map(Number);
    told.state = heads[2].getAttribute("aria-sort");
    press(2);
    told.up = column(2).map(Number);
    told.turned = heads[2].getAttribute("aria-sort");
    press(1);
    told.names = column(1);
    told.left = heads[2].getAttribute("aria-sort");
    const every = [...document.querySelectorAll("table.sortable thead th")];
    told.plain = every.filter((head) => !head.querySelector("button")).length;
  },

  words(told) {
    const place = document.querySelector(".words");
    const input = place.querySelector("input");
    const words = () => [...place.querySelectorAll("tbody th")].map((cell) => cell.textContent);
    const find = (text) => {
      input.value = text;
      input.dispatchEvent(new Event("input"));
      return words();
    };
    told.first = words();
    place.querySelector(".on").click();
    told.second = words();
    told.found = find("WORD 44");
    told.marked = document.querySelector(".dots.found").getAttribute("d");
    told.evil = find("<script");
    told.none = find("no such word");
    told.said = place.querySelector(".pages output").textContent;
    find("");
    place.querySelectorAll("thead button")[2].click();
    told.distances = [...place.querySelectorAll("tbody tr")].map((row) => Number(row.cells[2].textContent));
    told.scripts = document.querySelectorAll("script").length;
  },

  async scriptless(told) {
    const frame = await framed(document.documentElement.outerHTML, { sandbox: "allow-same-origin" });
    const inside = frame.contentDocument;
    told.rows = [...inside.querySelectorAll("table")].map((table) => table.tBodies[0].rows.length);
    told.pictures = [...inside.images].filter((one) => one.src.startsWith("data:")).length;
  },
};

addEventListener("load", async () => {
  const told = {};
  const [name, ...rest] = ASKED;
  try {
    await PROBES[name](told, ...rest);
  } catch (error) {
    told.error = String(error);
  }
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify(told);
  document.body.append(out);
});
