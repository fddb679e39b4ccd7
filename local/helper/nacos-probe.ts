// Whether a registry already runs at the configured address; only if not, the embedded one is started.

import { authority } from "../../lib/core/host.ts";
import { get } from "../../lib/core/node-http.ts";
import { parseJsonObject } from "../../lib/core/tried.ts";

const answerMs = 1_000;

/** Whether a Nacos server answers at the address, by its v1 or v3 API (v1 is gone from 3.2 on). */
export async function nacosAnswers(host: string, port: number): Promise<boolean> {
  const v1 = await getJson(`http://${authority(host, port)}/nacos/v1/ns/operator/metrics`);
  if (v1 === "nobody") return false;
  if (v1 !== undefined && "status" in v1) return true;
  const probe = "serviceName=probe&groupName=DEFAULT_GROUP&namespaceId=public";
  const v3 = await getJson(`http://${authority(host, port)}/nacos/v3/client/ns/instance/list?${probe}`);
  return typeof v3 === "object" && "code" in v3;
}

/** The JSON object in the reply, of any status; undefined for any other reply. */
function getJson(url: string): Promise<object | "nobody" | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: answerMs, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > 64 * 1024) request.destroy();
      });
      response.on("end", () => resolve(parseJsonObject(text)));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ECONNREFUSED" ? "nobody" : undefined),
    );
  });
}
