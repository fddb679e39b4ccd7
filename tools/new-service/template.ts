// Generates the folder of a new service: tools/service-template with the template's names replaced.

import { camel, capital, type NewService, plural } from "./names.ts";

/** `text` (a file's content or name) of the template, with the names of `service`. */
export function renamed(text: string, service: NewService): string {
  const names = namesFor(service);
  return text.replace(PLACEHOLDER, (found) => names.get(found) ?? found);
}

/** Every form in which the template writes its own names, longer ones first. */
const PLACEHOLDER =
  /[Ss]ampleItems?|sample-items?|SAMPLE_ITEM|sample_items?|[Ss]ample items?|[Ss]ampleService|Sample(?=World|Ports)|sample(?=World)|Samples|samples/g;

function namesFor({ key, service, aggregate }: NewService): ReadonlyMap<string, string> {
  const one = aggregate;
  const many = [...aggregate.slice(0, -1), plural(aggregate.at(-1) ?? "")];
  const own = service.replace(/Service$/, "");
  const forms = [one, many].flatMap((words, index): [string, string][] => {
    const s = index === 0 ? "" : "s";
    return [
      [`SampleItem${s}`, words.map(capital).join("")],
      [`sampleItem${s}`, camel(words)],
      [`sample-item${s}`, words.join("-")],
      [`sample_item${s}`, words.join("_")],
      [`sample item${s}`, words.join(" ")],
      [`Sample item${s}`, capital(words.join(" "))],
    ];
  });
  return new Map([
    ...forms,
    ["SAMPLE_ITEM", one.join("_").toUpperCase()],
    ["SampleService", service],
    ["sampleService", `${own.charAt(0).toLowerCase()}${own.slice(1)}Service`],
    ["Sample", own],
    ["sample", `${own.charAt(0).toLowerCase()}${own.slice(1)}`],
    ["Samples", capital(key)],
    ["samples", key],
  ]);
}
