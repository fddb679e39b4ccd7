import { describe } from "@jest/globals";
import { memoryTable } from "../../support/memory-table.ts";
import { tableSuite } from "./table-suite.ts";

describe("the table in memory", () => tableSuite(async () => memoryTable()));
