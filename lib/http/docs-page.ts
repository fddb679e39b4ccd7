// The HTML of `/docs/` and the script that starts the viewer in it.

import { escapeHtml } from "./html.ts";

/**
 * The page. `path` is the requested path, with or without its trailing slash: the local runtime and API Gateway differ in
 * what they pass on, so the page names the base of its relative links itself. `controlRoom`: the URL of the control room that
 * has the traces of requests made here.
 */
export function docsHtml(title: string, path: string, version: string, controlRoom?: string): string {
  const base = `${path.replace(/\/+$/, "")}/`;
  const asset = (name: string) => `./${name}?v=${encodeURIComponent(version)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="${escapeHtml(base)}">
<title>${escapeHtml(title)} · CFMP-Order</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${asset("swagger-ui.css")}">
<script src="${asset("swagger-ui-bundle.js")}" defer></script>
<script src="${asset("start.js")}" defer></script>
</head>
<body>
<div id="viewer"${controlRoom === undefined ? "" : ` data-control-room="${escapeHtml(controlRoom)}"`}></div>
<noscript>This page needs JavaScript. The document itself is at <a href="../openapi.json">openapi.json</a>.</noscript>
</body>
</html>
`;
}

/**
 * A separate file, because the page's Content-Security-Policy allows no inline script. Every reply names the trace of its request in
 * `traceparent`; with a control room the viewer shows it as a link below the reply.
 */
export const START_JS = `const { controlRoom } = document.getElementById("viewer").dataset;

const traceLink = (Reply, { React }) => (props) => {
  const { traceparent = "" } = props.response.toJS().headers ?? {};
  const [, traceId] = /^00-([0-9a-f]{32})-/.exec(traceparent) ?? [];
  const href = controlRoom + "/#/traces?trace=" + traceId;
  const link = React.createElement("a", { href, target: "_blank", rel: "noreferrer" }, "Trace of this request");
  const shown = React.createElement(Reply, props);
  return traceId === undefined ? shown : React.createElement("div", null, shown, React.createElement("p", null, link));
};

SwaggerUIBundle({
  url: new URL("../openapi.json", document.baseURI).href,
  dom_id: "#viewer",
  deepLinking: true,
  displayRequestDuration: true,
  // The viewer would otherwise show the document to a public validation service.
  validatorUrl: null,
  plugins: controlRoom === undefined ? [] : [{ wrapComponents: { liveResponse: traceLink } }],
});
`;
