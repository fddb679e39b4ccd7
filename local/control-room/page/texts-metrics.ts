// In Chinese what `/api/metrics` says of each metric in English.

const zh: Readonly<Record<string, string>> = {
  requests_per_second: "服务答复的请求，按 10 秒计",
  errors_per_second: "服务中失败的请求",
  request_p50_ms: "服务的请求有一半不超过此耗时",
  request_p99_ms: "服务的请求有 99% 不超过此耗时",
  calls_per_second: "服务对其他服务、数据库或支付渠道的调用",
  call_p99_ms: "这些调用有 99% 不超过此耗时",
  memory_bytes: "运行时的常驻内存",
  cpu: "运行时占用一个核的比例",
  event_loop_p99_ms: "运行时事件循环的延迟",
  requests_in_flight: "服务尚未答复的请求",
  outbox_lag_ms: "逾期最久的聚合已逾期多久",
  outbox_parked: "有搁置事项的聚合数",
};

/** Metrics of other programs are described as they describe themselves. */
export const metricHelp = (locale: "en" | "zh", name: string, help: string): string =>
  locale === "zh" ? (zh[name] ?? help) : help;
