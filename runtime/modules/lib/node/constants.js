// SPDX-License-Identifier: MIT
// node:constants: those of node:fs and node:os in one object.
import { constants as fs } from "node:fs";
import { constants as os } from "node:os";

export default { ...os.signals, ...os.errno, ...fs };
