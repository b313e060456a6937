# The app in a container: docs/hosting.md says how to build and run it.
#   docker build -t dlfa-explorer .                                   for processors
#   docker build -t dlfa-explorer --build-arg ACCELERATOR=cuda .      for NVIDIA GPUs

FROM python:3.11-slim AS environment
ARG ACCELERATOR=cpu
WORKDIR /build
COPY requirements.txt ./
# The index's own build of torch brings CUDA along, gigabytes of it; PyTorch's index has one without.
RUN python -m venv /opt/venv \
    && if [ "$ACCELERATOR" = cpu ]; then \
        /opt/venv/bin/pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \
            "$(grep '^torch==' requirements.txt)"; \
    fi \
    && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 dlfa && install --directory --owner=dlfa /data
COPY --from=environment /opt/venv /opt/venv
WORKDIR /app
# What changes seldom comes first: a new version of the code leaves the layers above as they are.
COPY assets assets
COPY .streamlit .streamlit
COPY dlfa_core dlfa_core
COPY dlfa_explorer dlfa_explorer
COPY ui ui
COPY pages pages
COPY app.py serve.py ./
# Whoever reaches the container sees what is bundled and no more, unless DLFA_DEMO=0 says that it is one's own.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 DLFA_DEMO=1 DLFA_HOME=/data HF_HOME=/data/hub NUMBA_CACHE_DIR=/data/numba
USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["python", "-m", "dlfa_explorer", "--no-browser", "--address", "0.0.0.0", "--port", "8501"]
