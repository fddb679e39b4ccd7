// Dollars, without tax, on demand in us-east-1 as published in November 2025: https://aws.amazon.com/dynamodb/pricing/on-demand/,
// https://aws.amazon.com/lambda/pricing/ (Arm), https://aws.amazon.com/api-gateway/pricing/ (HTTP APIs).

export const PRICES = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  httpRequest: 1e-6,
  invocation: 0.2e-6,
  gbSecond: 0.0000133334,
  /** Memory of a function, as serverless.yml has it. */
  gb: 0.5,
  /** Seconds that an invocation is billed for: assumed, not measured on AWS. */
  seconds: 0.03,
} as const;
