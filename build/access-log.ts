// What the HTTP API on AWS logs of each request: one JSON object in a line.

/**
 * The members of a line, by the variables of API Gateway
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html). No header, no query and no body:
 * those may hold tokens and personal data. Nor the path and messages, in which a client could put quotes. `request_id` is the one
 * that the function logs, with the path, and that the reply has as `x-request-id`.
 */
const FIELDS = {
  time: "$context.requestTimeEpoch",
  request_id: "$context.integration.requestId",
  api_request_id: "$context.requestId",
  ip: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  route: "$context.routeKey",
  status: "$context.status",
  ms: "$context.responseLatency",
  function_ms: "$context.integrationLatency",
  function_status: "$context.integrationStatus",
  bytes: "$context.responseLength",
  error: "$context.error.responseType",
} as const;

/** As `AccessLogSettings.Format` has it. */
export const ACCESS_LOG_FORMAT = JSON.stringify(FIELDS);
