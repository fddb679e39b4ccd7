// Generates docs/state-machines.md: a diagram and a table for each state machine, from the tables that the rules read.

import { services } from "../../functions/services.ts";
import { commandsOf, type Rule, type Rules, type StateMachinePage } from "../../lib/core/rules.ts";

/** The whole text of docs/state-machines.md. */
export async function stateMachinesPage(): Promise<string> {
  const sections = await Promise.all(services.map(({ stateMachines }) => stateMachines?.()));
  return [
    "# State machines",
    "",
    "Made by `npm run generate` from the tables in `functions/*/*-machine.ts`; do not edit. Decisions are pure functions",
    "that read these tables: from a state, a command and the time to the next state and its new events, or to a refusal with a",
    "code. Each command is one conditional write, so of concurrent commands one wins, and the others are decided again from the",
    "state that it wrote. Tests give every command in every status and compare the outcome with the table (`*-machine.test.ts`).",
    "",
    ...sections.flatMap((ofService) => ofService ?? []).flatMap(section),
  ].join("\n");
}

function section(page: StateMachinePage): string[] {
  const content = "rules" in page ? machine(page.statuses, page.rules) : table(page.head, page.rows);
  return [`## ${page.title}`, "", page.text, "", ...content];
}

function machine(statuses: readonly string[], rules: Rules<string>): string[] {
  return [
    "```mermaid",
    "stateDiagram-v2",
    `    [*] --> ${statuses[0]}`,
    ...steps(statuses, rules),
    "```",
    "",
    ...table(
      ["command", "by", ...statuses, "event"],
      Object.entries(rules).map(([name, rule]) => {
        const cells = statuses.map((status) => outcome(rule, status));
        return [`**${name}**`, rule.by, ...cells, rule.event === undefined ? "–" : `\`${rule.event}\``];
      }),
    ),
  ];
}

/** One arrow for each pair of statuses, labelled with all commands that lead there. */
function steps(statuses: readonly string[], rules: Rules<string>): string[] {
  return statuses.flatMap((from) =>
    statuses.flatMap((to) => {
      const names = commandsOf(rules).filter((name) => rules[name]?.steps[from] === to && from !== to);
      return names.length === 0 ? [] : [`    ${from} --> ${to}: ${names.join(", ")}`];
    }),
  );
}

function outcome(rule: Rule<string>, status: string): string {
  const to = rule.steps[status];
  if (to !== undefined) return to === status ? `${to} (stays)` : `→ ${to}`;
  return "refused" in rule.otherwise ? `409 \`${rule.otherwise.refused}\`` : rule.otherwise.instead;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(" | ")} |`,
  `|${head.map(() => " --- |").join("")}`,
  ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  "",
];
