// The control room as a page of text, which needs no script.

import { escapeHtml } from "../../lib/http/html.ts";
import { type Status, statusText } from "./map-text.ts";

export const PLAIN_PATH = "/text";
const REFRESH_S = 2;

export const plainPage = (status: Status): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${REFRESH_S}">
<title>CFMP-Order</title>
</head>
<body>
<main>
<h1>CFMP-Order</h1>
<pre tabindex="0">${escapeHtml(statusText(status))}</pre>
</main>
</body>
</html>
`;
