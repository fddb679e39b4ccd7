// Suites that render the template. They are one file for Jest, which runs files side by side: `serverless package` has one folder.

import "./operability.suite.ts";
import "./deployer-policy.suite.ts";
import "./partitions.suite.ts";
import "./plugins.suite.ts";
