import { describe, expect, test } from "@jest/globals";
import { deploymentSettings } from "./deployment.ts";
import { domainOutputs, domainProblems, domainResources } from "./domain.ts";

const CERTIFICATE_ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/1a-2b";
const settings = (env: Readonly<Record<string, string>>) => deploymentSettings(env);
const domain = { DOMAIN_NAME: "api.shop.example", CERTIFICATE_ARN };

describe("a domain of one's own", () => {
  test("is none without its setting", () => {
    expect(domainResources(settings({}))).toEqual({});
    expect(domainOutputs(settings({}))).toEqual({});
    expect(domainProblems(settings({}), "", "eu-west-1")).toEqual([]);
  });

  test("has its certificate and leads to the stage of the HTTP API; an output says where a record has to point", () => {
    const resources = domainResources(settings(domain));
    expect(resources).toMatchObject({
      Domain: {
        Type: "AWS::ApiGatewayV2::DomainName",
        Properties: {
          DomainName: "api.shop.example",
          DomainNameConfigurations: [
            { CertificateArn: CERTIFICATE_ARN, EndpointType: "REGIONAL", SecurityPolicy: "TLS_1_2" },
          ],
        },
      },
      DomainMapping: {
        Type: "AWS::ApiGatewayV2::ApiMapping",
        Properties: { ApiId: { Ref: "HttpApi" }, Stage: { Ref: "HttpApiStage" } },
      },
    });
    expect(Object.keys(resources)).toHaveLength(2);
    expect(domainOutputs(settings(domain))).toMatchObject({
      DomainTarget: { Value: { "Fn::GetAtt": ["Domain", "RegionalDomainName"] } },
    });
  });

  test("has its record where Route 53 has the zone", () => {
    const { DomainRecord } = Object(
      domainResources(settings({ ...domain, HOSTED_ZONE_ID: "Z0123456789ABC" })),
    );
    expect(DomainRecord).toMatchObject({
      Type: "AWS::Route53::RecordSet",
      Properties: { HostedZoneId: "Z0123456789ABC", Name: "api.shop.example", Type: "A" },
    });
  });
});

describe("what would not work is refused", () => {
  const problems = (env: Readonly<Record<string, string>>, hosts = "", region = "eu-west-1") =>
    domainProblems(settings(env), hosts, region);

  test("a domain without a certificate, and a certificate or a zone without a domain", () => {
    expect(problems({ DOMAIN_NAME: "api.shop.example" })).toEqual([
      "CERTIFICATE_ARN must be set with DOMAIN_NAME",
    ]);
    expect(problems({ CERTIFICATE_ARN, HOSTED_ZONE_ID: "Z1" })).toEqual([
      expect.stringMatching(/^CERTIFICATE_ARN is for a domain/),
      expect.stringMatching(/^HOSTED_ZONE_ID is for a domain/),
    ]);
  });

  test.each(["us-east-1", "cn-north-1"])(
    "a certificate of another region than %s, or another partition",
    (region) => {
      const [line, ...more] = problems(domain, "", region);
      expect(line).toMatch(new RegExp(`^CERTIFICATE_ARN must be of a certificate in ${region} `));
      expect(more).toEqual([]);
      expect(problems(domain)).toEqual([]);
    },
  );

  test("a domain that the functions would refuse", () => {
    expect(problems(domain, "other.example")).toEqual([expect.stringMatching(/^ALLOWED_HOSTS must have/)]);
    expect(problems(domain, "other.example, .shop.example")).toEqual([]);
  });
});
