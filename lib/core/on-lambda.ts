// Whether this process runs on AWS Lambda.

/** True in AWS Lambda, where a process is frozen between requests; false in the local runtime. */
export function onLambda(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined && env["IS_OFFLINE"] === undefined;
}
