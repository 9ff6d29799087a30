# The service in two stages: the first installs from the hashed lock, the second has no installer's leftovers.
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
