// SPDX-License-Identifier: MIT
// navigator (HTML 8.9), as far as it says something outside of a browser.
import { availableParallelism } from "node:os";
import process from "rill:internal/program";
import { enumerable, illegalConstructor } from "rill:internal/web/idl";

const secret = Symbol("navigator");

export class Navigator {
  #brand;
  constructor(key = undefined) {
    if (key !== secret) throw illegalConstructor();
  }
  get hardwareConcurrency() {
    this.#brand;
    return availableParallelism();
  }
  get userAgent() {
    this.#brand;
    return `rill/${process.versions.rill}`;
  }
  get language() {
    this.#brand;
    return new Intl.DateTimeFormat().resolvedOptions().locale;
  }
  get languages() {
    return Object.freeze([this.language]);
  }
  get platform() {
    this.#brand;
    return process.platform;
  }
  static {
    enumerable(this, "Navigator");
  }
}

export const navigator = new Navigator(secret);
