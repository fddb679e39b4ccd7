// A statement of an IAM policy.

/** Allows each `Action` on each `Resource`. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
}

/** A statement that allows `actions` on `resources`. */
export const allow = (Sid: string, actions: readonly string[], resources: readonly unknown[]): Statement => ({
  Sid,
  Effect: "Allow",
  Action: actions,
  Resource: resources,
});
