// SPDX-License-Identifier: MIT
import { promises } from "node:dns";

export const { lookup, resolve, resolve4, resolve6, reverse } = promises;
export default promises;
