"""A service in Python that is traced by OpenTelemetry's own SDK, and calls one of ours: usage: other_language.py URL"""

import sys
import urllib.request

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("shop")

with tracer.start_as_current_span("GET /catalogue/", kind=trace.SpanKind.SERVER):
    with tracer.start_as_current_span("GET", kind=trace.SpanKind.CLIENT, attributes={"peer.service": "OrderService"}):
        headers: dict[str, str] = {}
        inject(headers)
        request = urllib.request.Request(sys.argv[1], headers=headers)
        with urllib.request.urlopen(request) as reply:
            reply.read()
provider.shutdown()
