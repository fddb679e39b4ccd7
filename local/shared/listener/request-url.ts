// What a request asks for, as a URL.

import type { IncomingMessage } from "node:http";

/** Of a path that begins with `//` as well, which by itself would be read as another host's name. */
export const requestUrl = ({ url = "/" }: Pick<IncomingMessage, "url">): URL =>
  new URL(url.startsWith("/") ? `http://localhost${url}` : url, "http://localhost");
