// What Lambda's runtime does in a function's process: loads its handler, then asks for events, one at a time.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// Usage: node bootstrap.js FILE, with AWS_LAMBDA_RUNTIME_API in the environment.

const { request } = process.getBuiltinModule("node:http");
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

/** Sends `body` and the CPU time that this process has used; resolves with the reply's headers and text. */
function send(method, path, body) {
  const { user, system } = process.cpuUsage();
  const headers = { "x-cpu-microseconds": user + system };
  return new Promise((resolve, reject) => {
    const call = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, headers }, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (part) => {
        text += part;
      });
      reply.on("end", () => resolve({ headers: reply.headers, text }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

const described = (error) =>
  JSON.stringify({
    errorType: error?.name,
    errorMessage: String(error?.message ?? error),
    trace: error?.stack,
  });

let handler;
try {
  const name = process.env._HANDLER;
  handler = (await import(process.argv[2]))[name.slice(name.lastIndexOf(".") + 1)];
} catch (error) {
  await send("POST", "init/error", described(error));
  process.exit(1);
}
for (;;) {
  const { headers, text } = await send("GET", "invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  try {
    const result = await handler(JSON.parse(text), {
      awsRequestId: id,
      getRemainingTimeInMillis: () => 10_000,
    });
    await send("POST", `invocation/${id}/response`, JSON.stringify(result ?? null));
  } catch (error) {
    await send("POST", `invocation/${id}/error`, described(error));
  }
}
