# The demo in a container: `docker build -t mmneglabel .`, then `docker run --rm mmneglabel`. See docs/install.md.
FROM python:3.12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /mmneglabel
COPY . .
# Installs everything into .venv, and leaves the mined words in the image's cache.
RUN make demo
ENV PATH=/mmneglabel/.venv/bin:$PATH
CMD ["make", "demo"]
