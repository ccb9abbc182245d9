// SPDX-License-Identifier: MIT
// DOMException (Web IDL 2.8.1). Its objects are error objects, so that they
// have a stack; their name, message and code are kept beside.
import { constants, enumerable } from "rill:internal/web/idl";

const codes = {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
};

const codeOf = {
  __proto__: null,
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

// The private fields of an object that another constructor has made.
class Given {
  constructor(object) {
    return object;
  }
}
class Data extends Given {
  #name;
  #message;
  constructor(object, name, message) {
    super(object);
    this.#name = name;
    this.#message = message;
  }
  static has = (object) => #name in object;
  static name = (object) => object.#name;
  static message = (object) => object.#message;
}

export class DOMException {
  constructor(message = "", options = "Error") {
    message = `${message}`;
    const hasCause = typeof options === "object" && options !== null;
    const name = `${(hasCause ? options.name : options) ?? "Error"}`;
    const error = Reflect.construct(Error, [], new.target);
    new Data(error, name, message);
    if (hasCause && "cause" in options) {
      Object.defineProperty(error, "cause", {
        value: options.cause,
        writable: true,
        configurable: true,
      });
    }
    return error;
  }
  get name() {
    return Data.name(this);
  }
  get message() {
    return Data.message(this);
  }
  get code() {
    return codeOf[Data.name(this)] ?? 0;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (!Data.has(this)) return inspect({}, options);
    const { name, stack } = this;
    return stack.startsWith(name)
        ? `DOMException [${name}]${stack.slice(name.length)}` : stack;
  }

  static {
    Object.setPrototypeOf(this.prototype, Error.prototype);
    constants(this, codes);
    enumerable(this, "DOMException", {
      module: "rill:internal/web/dom_exception",
      kind: "DOMException",
      serialize(error) {
        if (!Data.has(error)) return undefined;
        return { name: error.name, message: error.message,
                 stack: error.stack };
      },
    });
  }
}

// An error's stack begins with the name and message that its data properties
// give: none here. Nor is the constructor's own frame of interest.
const inherited = Object.getOwnPropertyDescriptor(Error.prototype, "stack");
Object.defineProperty(DOMException.prototype, "stack", {
  get() {
    const stack = inherited.get.call(this);
    if (!Data.has(this) || !stack?.startsWith("Error\n")) return stack;
    const head = `${Data.name(this)}: ${Data.message(this)}`;
    return head + stack.slice(5).replace(/^\n    at new DOMException .*/, "");
  },
  set(value) {
    inherited.set.call(this, value);
  },
  configurable: true,
});

export function receive(kind, { name, message, stack }) {
  const error = new DOMException(message, name);
  Object.defineProperty(error, "stack", {
    value: stack,
    writable: true,
    configurable: true,
  });
  return error;
}
