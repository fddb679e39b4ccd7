// Requests to AWS are signed with Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).

import aws4 from "aws4";

/** The headers of `request` with its signature, by `credentials` or else those of the environment. */
export function signedHeaders(request: aws4.Request, credentials?: aws4.Credentials): Record<string, string> {
  const { headers = {} } = aws4.sign(request, credentials);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
