// Where an API of AWS is.

/** The region that the environment names. */
export const awsRegion = (env: NodeJS.ProcessEnv = process.env): string =>
  env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";

/**
 * The base URL of an API of AWS, `lambda` for example: an emulator's (`AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL`), or the
 * region's own. Regions of China have a domain of their own
 * (https://docs.aws.amazon.com/general/latest/gr/rande.html).
 */
export function awsEndpoint(service: string, env: NodeJS.ProcessEnv = process.env): string {
  const region = awsRegion(env);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const emulator = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env["AWS_ENDPOINT_URL"];
  return emulator ?? `https://${service}.${region}.${domain}`;
}
