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

/** The version of the language of policies. */
export const VERSION = "2012-10-17";

/** By name: a reference to a function would make a circle, as functions need their role. */
export const invoke = (sid: string, names: readonly string[], prefix: string): Statement =>
  allow(
    sid,
    ["lambda:InvokeFunction"],
    names.map((name) => ({
      "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${prefix}-${name}`,
    })),
  );
