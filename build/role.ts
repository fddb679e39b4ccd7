// A role as a CloudFormation resource.

import { type Statement, VERSION } from "./statement.ts";

/** A CloudFormation resource. */
export interface RoleResource {
  readonly Type: "AWS::IAM::Role";
  readonly Properties: {
    readonly RoleName: unknown;
    readonly Description: string;
    readonly AssumeRolePolicyDocument: unknown;
    readonly Policies: readonly [
      {
        readonly PolicyName: string;
        readonly PolicyDocument: { readonly Version: string; readonly Statement: readonly Statement[] };
      },
    ];
  };
}

/**
 * A role of this name that `service` of AWS takes on. Its principal has the same name in all partitions, China's too
 * (https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html).
 */
export const role = (
  name: string,
  description: string,
  statements: readonly Statement[],
  service: "lambda" | "apigateway" = "lambda",
): RoleResource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName: { "Fn::Sub": name },
    Description: description,
    AssumeRolePolicyDocument: {
      Version: VERSION,
      Statement: [
        { Effect: "Allow", Principal: { Service: [`${service}.amazonaws.com`] }, Action: ["sts:AssumeRole"] },
      ],
    },
    Policies: [{ PolicyName: "own", PolicyDocument: { Version: VERSION, Statement: statements } }],
  },
});
