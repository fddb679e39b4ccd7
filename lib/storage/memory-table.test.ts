import { describe } from "@jest/globals";
import { memoryTable } from "./memory-table.ts";
import { tableSuite } from "./table-suite.ts";

describe("the table in memory", () => tableSuite(async () => memoryTable()));
