"use strict";

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent.trim();
}

function isNumeric(table, column) {
  return [...table.tBodies[0].rows].every((row) => !Number.isNaN(Number(value(row, column))));
}

function sortRows(table, column, upwards) {
  const sign = upwards ? 1 : -1;
  const compare = isNumeric(table, column)
    ? (a, b) => sign * (Number(value(a, column)) - Number(value(b, column)))
    : (a, b) => sign * value(a, column).localeCompare(value(b, column), undefined, { numeric: true });
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
}

// Heads become buttons, so that the keyboard sorts as the mouse does. `sort` is called with column and direction: first
// words from A on and numbers from the greatest on, then the other way round.
function makeSortable(table, sort) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const upwards = before === "none" ? !isNumeric(table, column) : before === "descending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
      sort(column, upwards);
    });
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  if (!table.closest(".words")) {
    makeSortable(table, (column, upwards) => sortRows(table, column, upwards));
  }
}

// The table of words holds a page of them; search and order are over all.
const PAGE = 200;

function makeWords(place) {
  const { word, distance, adjective, share } = JSON.parse(document.getElementById(place.dataset.words).textContent);
  const table = place.querySelector("table");
  const search = place.querySelector(".search");
  const [back, on] = place.querySelectorAll(".pages button");
  const told = place.querySelector(".pages output");
  const columns = [word, adjective, distance, share];
  let order = word.map((_, number) => number);
  let found = order;
  let start = 0;

  const show = () => {
    const rows = found.slice(start, start + PAGE).map((number) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = word[number];
      row.append(head);
      for (const text of [{ 0: "noun", 1: "adjective" }[adjective[number]] ?? "", distance[number], share[number]]) {
        row.insertCell().textContent = text;
      }
      return row;
    });
    table.tBodies[0].replaceChildren(...rows);
    told.textContent = found.length ? `${start + 1} to ${Math.min(start + PAGE, found.length)} of ${found.length}` : "no word";
    back.disabled = start === 0;
    on.disabled = start + PAGE >= found.length;
  };
  const find = () => {
    const text = search.querySelector("input").value.trim().toLowerCase();
    found = text ? order.filter((number) => word[number].toLowerCase().includes(text)) : order;
    search.querySelector("output").textContent = text ? `${found.length} words` : "";
    start = 0;
    show();
    return text ? found : [];
  };
  const map = makeMap(place.previousElementSibling, word, adjective);
  search.hidden = back.hidden = on.hidden = false;
  place.querySelector(".pages").hidden = word.length <= PAGE;
  search.querySelector("input").addEventListener("input", () => map(find()));
  back.addEventListener("click", () => { start -= PAGE; show(); });
  on.addEventListener("click", () => { start += PAGE; show(); });
  makeSortable(table, (column, upwards) => {
    const values = columns[column];
    const sign = upwards ? 1 : -1;
    order = [...order].sort((a, b) => sign * (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0));
    find();
  });
}

// Dots stand in the order of their words, nouns and adjectives apart. Returns what marks some of them.
function makeMap(figure, word, adjective) {
  if (!figure?.matches("figure.map")) return () => {};
  const svg = figure.querySelector("svg");
  const dots = (kind) => {
    const path = svg.querySelector(`.dots.${kind}`)?.getAttribute("d") ?? "";
    return path.split("M").slice(1).map((dot) => dot.replace("h0", "").split(" ").map(Number));
  };
  const places = [dots("noun"), dots("adjective")];
  const next = [0, 0]; // shift() would move all that are left, for each of 200,000 words
  const at = adjective.map((kind) => places[kind][next[kind]++]);
  svg.addEventListener("pointermove", (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let best = -1;
    let least = 100;
    at.forEach(([across, down], number) => {
      const distance = (across - x) ** 2 + (down - y) ** 2;
      if (distance < least) [best, least] = [number, distance];
    });
    figure.querySelector(".nearest").textContent = best < 0 ? "" : word[best];
  });
  return (found) => {
    svg.querySelector(".found").setAttribute("d", found.slice(0, 500).map((number) => `M${at[number].join(" ")}h0`).join(""));
  };
}

document.querySelectorAll(".words").forEach(makeWords);
