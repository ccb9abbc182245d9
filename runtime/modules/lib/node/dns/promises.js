// SPDX-License-Identifier: MIT
import { promises } from "node:dns";

export const {
  Resolver, getServers, lookup, resolve, resolve4, resolve6, resolveCaa,
  resolveCname, resolveMx, resolveNaptr, resolveNs, resolvePtr, resolveSoa,
  resolveSrv, resolveTxt, reverse, setServers,
} = promises;
export default promises;
