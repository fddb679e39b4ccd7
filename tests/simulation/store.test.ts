import { describe } from "@jest/globals";
import { tableSuite } from "../../lib/storage/table-suite.ts";
import { promptTable, Store } from "./store.ts";

describe("the simulator's table", () => tableSuite(async () => promptTable(new Store())));
