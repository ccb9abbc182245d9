// SPDX-License-Identifier: MIT
import { promises } from "node:dns";

export const {
  ADDRGETNETWORKPARAMS, BADFAMILY, BADFLAGS, BADHINTS, BADNAME, BADQUERY,
  BADRESP, BADSTR, CANCELLED, CONNREFUSED, DESTRUCTION, EOF, FILE, FORMERR,
  LOADIPHLPAPI, NODATA, NOMEM, NONAME, NOTFOUND, NOTIMP, NOTINITIALIZED,
  REFUSED, SERVFAIL, TIMEOUT, Resolver, getDefaultResultOrder, getServers,
  lookup, resolve, resolve4, resolve6, resolveCaa, resolveCname, resolveMx,
  resolveNaptr, resolveNs, resolvePtr, resolveSoa, resolveSrv, resolveTxt,
  reverse, setDefaultResultOrder, setServers,
} = promises;
export default promises;
