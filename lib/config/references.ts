// Settings that are given as a reference to a secret of AWS, instead of the secret itself:
//   ssm:/cfmp/prod/secret-key               a parameter of SSM Parameter Store, by its whole name
//   secretsmanager:cfmp/prod/alipay         a secret of Secrets Manager, by its name or its ARN
//   secretsmanager:cfmp/prod/alipay#key     a member of a secret whose text is a JSON object
// A setting that is a list may have a reference for each entry.

/** Where a secret is. */
export type Reference =
  | { readonly store: "ssm"; readonly name: string }
  | { readonly store: "secretsmanager"; readonly id: string; readonly member: string | undefined };

const PREFIX = /^(ssm|secretsmanager):/;
const PARAMETER = /^ssm:(\/[\w./-]{1,1000})$/;
const SECRET =
  /^secretsmanager:([\w/+=.@-]{1,512}|arn:[\w-]+:secretsmanager:[\w:/+=.@-]{1,600})(?:#([\w.-]{1,128}))?$/;

/** What a reference looks like, for messages. */
export const REFERENCE_FORMS =
  "ssm:/<name>, secretsmanager:<name or ARN> or secretsmanager:<name or ARN>#<member>";

const entriesOf = (text: string): readonly string[] => text.split(",").map((entry) => entry.trim());

/** Whether `text` is meant as a reference, or as a list with references, of a right form or not. */
export const isReference = (text: string): boolean => referencesIn(text).length > 0;

/** The references in `text`, as they are written; none where it has none. */
export const referencesIn = (text: string): readonly string[] =>
  entriesOf(text).filter((entry) => PREFIX.test(entry));

/** The reference that `text` is; undefined when it has not the form of one. */
export function parseReference(text: string): Reference | undefined {
  const name = PARAMETER.exec(text)?.[1];
  if (name !== undefined) return { store: "ssm", name };
  const [, id, member] = SECRET.exec(text) ?? [];
  return id === undefined ? undefined : { store: "secretsmanager", id, member };
}

/** `text` with the secrets of `values` in place of its references; each must be there. */
export const withSecrets = (text: string, values: ReadonlyMap<string, string>): string =>
  entriesOf(text)
    .map((entry) => values.get(entry) ?? entry)
    .join(",");
