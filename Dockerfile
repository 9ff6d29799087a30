# The service in three stages: the pages' scripts, an installation from the hashed lock, and what runs.
FROM node:22-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY web/vite.config.js ./
COPY web/src src
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/mineralgraph \
 && /opt/mineralgraph/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY ontology ontology
COPY shapes shapes
COPY queries queries
COPY data data
COPY tests/shapes/cases tests/shapes/cases
COPY --from=web /src/src/mineralgraph/api/static/dist src/mineralgraph/api/static/dist
RUN /opt/mineralgraph/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/mineralgraph --create-home mineralgraph
COPY --from=build /opt/mineralgraph /opt/mineralgraph
ENV PATH=/opt/mineralgraph/bin:$PATH \
    MINERALGRAPH_HOST=0.0.0.0 \
    MINERALGRAPH_PORT=8000 \
    MINERALGRAPH_STORE=/var/lib/mineralgraph/store
USER mineralgraph
VOLUME /var/lib/mineralgraph
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["mineralgraph", "serve"]
