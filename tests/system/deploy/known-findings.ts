// What linters find in the templates and stays, each with its reason. npm run test:template holds it to what they find now.

import type { KnownFinding } from "./template-findings.ts";

const KEYS_OF_AWS =
  "It is encrypted, with a key that AWS manages. A key of the customer costs a dollar a month and an amount for each use, and protects from " +
  "nobody who is kept out otherwise";

export const KNOWN_FINDINGS: readonly KnownFinding[] = [
  ...[
    { type: "AWS::Lambda::Function" },
    { type: "AWS::Lambda::Permission", of: /Websockets$/ },
    { type: "AWS::ApiGatewayV2::Route", of: /^HttpApi/ },
    { type: "AWS::ApiGatewayV2::Stage", of: /^HttpApi/ },
  ].map((one) => ({
    template: "stack",
    rule: "W3005",
    why: "osls states dependencies that a reference implies already",
    ...one,
  })),
  {
    template: "stack",
    rule: "CKV_AWS_115",
    type: "AWS::Lambda::Function",
    why: "CALLBACK_CONCURRENCY and RELAY_CONCURRENCY keep executions; by default all share those of the account",
  },
  {
    template: "stack",
    rule: "CKV_AWS_116",
    type: "AWS::Lambda::Function",
    why: "Runs of relays that fail go to a queue as an on-failure destination, which has the reason too. All others have a caller who sees it",
  },
  {
    template: "stack",
    rule: "CKV_AWS_117",
    type: "AWS::Lambda::Function",
    why: "Functions talk to APIs of AWS and to payment providers alone. In a VPC they would need a NAT gateway, and would be no safer",
  },
  {
    template: "stack",
    rule: "CKV_AWS_173",
    type: "AWS::Lambda::Function",
    why: `${KEYS_OF_AWS}. Secrets are there by reference`,
  },
  { template: "stack", rule: "CKV_AWS_119", type: "AWS::DynamoDB::Table", why: KEYS_OF_AWS },
  { template: "stack", rule: "CKV_AWS_158", type: "AWS::Logs::LogGroup", why: KEYS_OF_AWS },
  { template: "stack", rule: "CKV_AWS_27", type: "AWS::SQS::Queue", why: KEYS_OF_AWS },
  {
    template: "stack",
    rule: "CKV_AWS_18",
    type: "AWS::S3::Bucket",
    why: "The bucket has the archives of the functions' code. CloudTrail says who deploys",
  },
  {
    template: "stack",
    rule: "CKV_AWS_21",
    type: "AWS::S3::Bucket",
    why: "Each deployment has a folder of its own, and nothing is overwritten",
  },
  {
    template: "stack",
    rule: "CKV_AWS_95",
    type: "AWS::ApiGatewayV2::Stage",
    of: /^Websockets/,
    why: "Logs of a WebSocket API need a role that is set for all of the account. Functions log who connects",
  },
  {
    template: "deployer",
    rule: "W3037",
    type: "AWS::IAM::ManagedPolicy",
    of: /^Resources$/,
    why: "API Gateway asks for apigateway:TagResource, which AWS's list of actions lacks",
  },
];
