// The queue that keeps what relay functions could not do on AWS, as CloudFormation has it.

/** Its logical id. */
export const RELAY_FAILURES = "RelayFailures";
const SECONDS_PER_DAY = 86_400;

/** The queue's name for a service and stage; `npm run outbox -- failures` finds it by its name. */
export const relayFailuresName = (service: string, stage: string): string =>
  `${service}-${stage}-relay-failures`;

/** The queue, by logical id. A run is kept for 14 days, as long as SQS can. */
export const relayFailuresResource = (service: string, stage: string) => ({
  [RELAY_FAILURES]: {
    Type: "AWS::SQS::Queue",
    Properties: {
      QueueName: relayFailuresName(service, stage),
      MessageRetentionPeriod: 14 * SECONDS_PER_DAY,
      SqsManagedSseEnabled: true,
    },
  },
});

/**
 * How Lambda treats an asynchronous run of a relay that fails: it runs it twice more, for an hour at most (sweeps look for
 * the same work every minute), and then keeps it in the queue.
 */
export const ASYNC_RUNS = {
  maximumRetryAttempts: 2,
  maximumEventAge: 3_600,
  destinations: { onFailure: { type: "sqs", arn: { "Fn::GetAtt": [RELAY_FAILURES, "Arn"] } } },
} as const;
