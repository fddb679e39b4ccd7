// A domain of one's own for the HTTP API, as CloudFormation has it: DOMAIN_NAME with its certificate and, where Route 53 has the zone, its record.

import { textList } from "../lib/config/setting-types.ts";
import { partitionOf } from "../lib/core/aws-endpoint.ts";
import { hostFits } from "../lib/core/host.ts";
import type { Deployment } from "./deployment.ts";

type DomainSettings = Pick<Deployment, "DOMAIN_NAME" | "CERTIFICATE_ARN" | "HOSTED_ZONE_ID">;

/** Its logical id. */
const DOMAIN = "Domain";

const attribute = (name: string) => ({ "Fn::GetAtt": [DOMAIN, name] });

/** The resources by logical id; none without a domain. */
export function domainResources({ DOMAIN_NAME, CERTIFICATE_ARN, HOSTED_ZONE_ID }: DomainSettings) {
  if (DOMAIN_NAME === undefined) return {};
  const certificate = {
    CertificateArn: CERTIFICATE_ARN,
    EndpointType: "REGIONAL",
    SecurityPolicy: "TLS_1_2",
  };
  const record = {
    DomainRecord: {
      Type: "AWS::Route53::RecordSet",
      Properties: {
        HostedZoneId: HOSTED_ZONE_ID,
        Name: DOMAIN_NAME,
        Type: "A",
        AliasTarget: {
          DNSName: attribute("RegionalDomainName"),
          HostedZoneId: attribute("RegionalHostedZoneId"),
        },
      },
    },
  };
  return {
    [DOMAIN]: {
      Type: "AWS::ApiGatewayV2::DomainName",
      Properties: { DomainName: DOMAIN_NAME, DomainNameConfigurations: [certificate] },
    },
    DomainMapping: {
      Type: "AWS::ApiGatewayV2::ApiMapping",
      Properties: {
        ApiId: { Ref: "HttpApi" },
        DomainName: { Ref: DOMAIN },
        // As osls names them.
        Stage: { Ref: "HttpApiStage" },
      },
    },
    ...(HOSTED_ZONE_ID === undefined ? {} : record),
  };
}

/** Outputs of the stack by name: where a record has to point that Route 53 does not have. */
export const domainOutputs = ({ DOMAIN_NAME }: DomainSettings) =>
  DOMAIN_NAME === undefined
    ? {}
    : {
        DomainTarget: {
          Description: `What ${DOMAIN_NAME} has to be an alias (or CNAME) of`,
          Value: attribute("RegionalDomainName"),
        },
      };

/** What is wrong with the domain of a deployment to `region`: lines that begin with the setting's name. */
export function domainProblems(
  { DOMAIN_NAME, CERTIFICATE_ARN, HOSTED_ZONE_ID }: DomainSettings,
  allowedHosts: string,
  region: string,
): readonly string[] {
  if (DOMAIN_NAME === undefined) {
    const alone = { CERTIFICATE_ARN, HOSTED_ZONE_ID };
    return Object.entries(alone).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} is for a domain: set DOMAIN_NAME as well, or leave it out`],
    );
  }
  if (CERTIFICATE_ARN === undefined) return ["CERTIFICATE_ARN must be set with DOMAIN_NAME"];
  const [, partition, , there] = CERTIFICATE_ARN.split(":");
  const { data: hosts = [] } = textList.safeParse(allowedHosts);
  return [
    ...(partition === partitionOf(region) && there === region
      ? []
      : [
          `CERTIFICATE_ARN must be of a certificate in ${region} (arn:${partitionOf(region)}:acm:${region}:…), where the API is`,
        ]),
    ...(hosts.length === 0 || hosts.some((host) => hostFits(DOMAIN_NAME, host))
      ? []
      : ["ALLOWED_HOSTS must have DOMAIN_NAME, or requests to it are refused"]),
  ];
}
