// Where an API of AWS is.

/** The region that the environment names. */
export const awsRegion = (env: NodeJS.ProcessEnv = process.env): string =>
  env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";

/**
 * The domain of the APIs in `region`: regions of China have one of their own (https://docs.aws.amazon.com/general/latest/gr/rande.html).
 */
export const awsDomain = (region: string): string =>
  region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";

/** How ARNs of what is in `region` begin: China and the government of the USA have partitions of their own. */
export function partitionOf(region: string): "aws" | "aws-cn" | "aws-us-gov" {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/**
 * The base URL of an API of AWS, `lambda` for example: an emulator's (`AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`), or the
 * region's own.
 */
export function awsEndpoint(service: string, env: NodeJS.ProcessEnv = process.env): string {
  const region = awsRegion(env);
  const emulator = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env["AWS_ENDPOINT_URL"];
  return emulator ?? `https://${service}.${region}.${awsDomain(region)}`;
}
