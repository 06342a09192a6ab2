# The companion with the page inside: `handoff serve` and `handoff worker` run from this one image.
# Built from the repository root, which docker-compose.yml does.

FROM node:24.19.0-alpine AS page
WORKDIR /page
COPY handoff_ui/package.json handoff_ui/package-lock.json ./
# As `./dev` does it: `npm ci` refuses a lock file without optional packages for other platforms.
RUN npm install --legacy-peer-deps --ignore-scripts --no-audit --no-fund
COPY handoff_ui/ ./
RUN npm run build

FROM python:3.11.14-slim-bookworm AS companion
WORKDIR /build
# Older ones do not hold a constraints file against the hashes in it.
RUN pip install --no-cache-dir "pip==26.3" && python -m venv /opt/handoff
COPY pyproject.toml requirements.lock ./
# The dependencies of pyproject.toml and what they need, without the developers' tools; each file is checked by its hash.
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > direct.txt \
    && pip --python /opt/handoff install --no-cache-dir --require-hashes --constraint requirements.lock --requirement direct.txt \
    && pip install --no-cache-dir --require-hashes --constraint requirements.lock hatchling
COPY README.md LICENSE ./
COPY companion/ companion/
COPY --from=page /page/dist/ companion/page/
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
    && pip --python /opt/handoff install --no-cache-dir --no-deps --no-index /wheel/*.whl

FROM python:3.11.14-slim-bookworm
COPY --from=companion /opt/handoff /opt/handoff
ENV PATH=/opt/handoff/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Numbers, because a host may hold "not root" against numbers only.
USER 10001:10001
EXPOSE 8700
CMD ["handoff", "serve"]
