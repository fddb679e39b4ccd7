// The two methods of Nacos' gRPC API, and its port.

/** One request, one response. */
export const REQUEST_PATH = "/Request/request";
/** The connection of a client: it sends its setup and acknowledgements, the server sends changes. */
export const BI_STREAM_PATH = "/BiRequestStream/requestBiStream";
/** The gRPC port of a Nacos server is its HTTP port plus this. Source: Nacos `Constants.SDK_GRPC_PORT_DEFAULT_OFFSET`. */
export const GRPC_PORT_OFFSET = 1_000;
