// Iterator helpers (ECMA-262 27.1.3, 27.1.4). A lazy helper is an object around
// one of the generators below.
//
// `for (const value of %IteratorDirect(iterator, next))` walks an Iterator
// Record as it is: leaving the loop early is IteratorClose with the completion
// that leaves it, and errors of the iterator itself do not close it.
// %IteratorClose is IteratorClose for a normal completion,
// %IteratorCloseQuietly for a throw completion; %IteratorCloseAll(list, quietly)
// is IteratorCloseAll of the iterators that are still in the list.

// The receiver and the callback; the iterator is closed if the latter is none.
function IteratorHelperArgument(iterator, callback, name) {
  if (!%IsObject(iterator)) {
    %ThrowTypeError("Iterator.prototype." + name + " called on non-object");
  }
  if (!%IsCallable(callback)) {
    %IteratorCloseQuietly(iterator);
    %ThrowNotCallable(callback);
  }
}

function* IteratorMapBody(iterator, next, mapper) {
  let counter = 0;
  for (const value of %IteratorDirect(iterator, next)) {
    yield %Call(mapper, undefined, value, counter++);
  }
}

function IteratorMap(mapper) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, mapper, "map");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorMapBody"), undefined, this, this.next, mapper),
      [this]);
}

function* IteratorFilterBody(iterator, next, predicate) {
  let counter = 0;
  for (const value of %IteratorDirect(iterator, next)) {
    if (%Call(predicate, undefined, value, counter++)) yield value;
  }
}

function IteratorFilter(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "filter");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorFilterBody"), undefined, this, this.next,
            predicate),
      [this]);
}

// The limit of take and drop; the iterator is closed if it is none.
function IteratorLimit(iterator, limit, name) {
  if (!%IsObject(iterator)) {
    %ThrowTypeError("Iterator.prototype." + name + " called on non-object");
  }
  let number;
  try {
    number = %ToNumber(limit);
  } catch (error) {
    %IteratorCloseQuietly(iterator);
    throw error;
  }
  if (number === number && (number <= 9007199254740991 || number === 1 / 0)) {
    number = %ToIntegerOrInfinity(number);
    if (number >= 0) return number;
  }
  %IteratorCloseQuietly(iterator);
  %ThrowRangeError(name + " needs a non-negative number");
}

function* IteratorTakeBody(iterator, next, limit) {
  let remaining = limit;
  if (remaining === 0) {
    %IteratorClose(iterator);
    return;
  }
  for (const value of %IteratorDirect(iterator, next)) {
    yield value;
    if (--remaining === 0) return;
  }
}

function IteratorTake(limit) {
  const count = %Call(%SelfHosted("IteratorLimit"), undefined, this, limit,
                      "take");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorTakeBody"), undefined, this, this.next, count),
      [this]);
}

function* IteratorDropBody(iterator, next, limit) {
  // IteratorStep: the values of the results are not read.
  for (let remaining = limit; remaining > 0; remaining--) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
  }
  for (const value of %IteratorDirect(iterator, next)) yield value;
}

function IteratorDrop(limit) {
  const count = %Call(%SelfHosted("IteratorLimit"), undefined, this, limit,
                      "drop");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorDropBody"), undefined, this, this.next, count),
      [this]);
}

// GetIteratorFlattenable (7.4.5): an iterator of an object, or of a string if
// those are allowed.
function IteratorFlattenable(value, allowStrings) {
  if (!%IsObject(value) && !(allowStrings && typeof value === "string")) {
    %ThrowTypeError("value is not an object");
  }
  const method = %GetMethod(value, %SymbolIterator());
  const iterator = method === undefined ? value : %Call(method, value);
  if (!%IsObject(iterator)) %ThrowTypeError("iterator is not an object");
  return iterator;
}

function* IteratorFlatMapBody(iterator, next, mapper) {
  let counter = 0;
  for (const value of %IteratorDirect(iterator, next)) {
    const inner =
        %Call(%SelfHosted("IteratorFlattenable"), undefined,
              %Call(mapper, undefined, value, counter++), false);
    for (const innerValue of %IteratorDirect(inner, inner.next)) {
      yield innerValue;
    }
  }
}

function IteratorFlatMap(mapper) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, mapper,
        "flatMap");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorFlatMapBody"), undefined, this, this.next,
            mapper),
      [this]);
}

// The size of chunks and windows; the iterator is closed if it is none.
function IteratorChunkSize(iterator, size, name) {
  if (!%IsObject(iterator)) {
    %ThrowTypeError("Iterator.prototype." + name + " called on non-object");
  }
  if (typeof size !== "number" || size % 1 !== 0) {
    %IteratorCloseQuietly(iterator);
    %ThrowTypeError(name + " needs an integral number");
  }
  if (size < 1 || size > 4294967295) {
    %IteratorCloseQuietly(iterator);
    %ThrowRangeError(name + " needs a number from 1 to 4294967295");
  }
}

function* IteratorChunksBody(iterator, next, size) {
  let chunk = [];
  let count = 0;
  for (const value of %IteratorDirect(iterator, next)) {
    %CreateDataPropertyOrThrow(chunk, count++, value);
    if (count === size) {
      yield chunk;
      chunk = [];
      count = 0;
    }
  }
  if (count !== 0) yield chunk;
}

// Iterator.prototype.chunks (chunkSize), proposal "iterator chunking"
function IteratorChunks(chunkSize) {
  %Call(%SelfHosted("IteratorChunkSize"), undefined, this, chunkSize, "chunks");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorChunksBody"), undefined, this, this.next,
            chunkSize),
      [this]);
}

function* IteratorWindowsBody(iterator, next, size, allowPartial) {
  // Callers may change the windows that they get: the values stay here too.
  const buffer = [];
  let count = 0;
  for (const value of %IteratorDirect(iterator, next)) {
    if (count === size) {
      for (let i = 1; i < size; i++) buffer[i - 1] = buffer[i];
      count--;
    }
    %CreateDataPropertyOrThrow(buffer, count++, value);
    if (count === size) {
      const window = [];
      for (let i = 0; i < size; i++) {
        %CreateDataPropertyOrThrow(window, i, buffer[i]);
      }
      yield window;
    }
  }
  if (allowPartial && count !== 0 && count < size) yield buffer;
}

// Iterator.prototype.windows (windowSize [ , undersized ]), the same proposal
function IteratorWindows(windowSize) {
  const undersized = arguments[1];
  %Call(%SelfHosted("IteratorChunkSize"), undefined, this, windowSize,
        "windows");
  if (undersized !== undefined && undersized !== "only-full" &&
      undersized !== "allow-partial") {
    %IteratorCloseQuietly(this);
    %ThrowTypeError("windows knows 'only-full' and 'allow-partial'");
  }
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorWindowsBody"), undefined, this, this.next,
            windowSize, undersized === "allow-partial"),
      [this]);
}

function IteratorReduce(reducer) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, reducer,
        "reduce");
  const next = this.next;
  let accumulator;
  let counter = 0;
  if (arguments.length > 1) {
    accumulator = arguments[1];
  } else {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) {
      %ThrowTypeError("Reduce of a done iterator with no initial value");
    }
    accumulator = step.value;
    counter = 1;
  }
  for (const value of %IteratorDirect(this, next)) {
    accumulator = %Call(reducer, undefined, accumulator, value, counter++);
  }
  return accumulator;
}

function IteratorToArray() {
  if (!%IsObject(this)) {
    %ThrowTypeError("Iterator.prototype.toArray called on non-object");
  }
  const result = [];
  let k = 0;
  for (const value of %IteratorDirect(this, this.next)) {
    %CreateDataPropertyOrThrow(result, k++, value);
  }
  return result;
}

function IteratorForEach(callback) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, callback,
        "forEach");
  let counter = 0;
  for (const value of %IteratorDirect(this, this.next)) {
    %Call(callback, undefined, value, counter++);
  }
}

function IteratorSome(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "some");
  let counter = 0;
  for (const value of %IteratorDirect(this, this.next)) {
    if (%Call(predicate, undefined, value, counter++)) return true;
  }
  return false;
}

function IteratorEvery(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "every");
  let counter = 0;
  for (const value of %IteratorDirect(this, this.next)) {
    if (!%Call(predicate, undefined, value, counter++)) return false;
  }
  return true;
}

function IteratorFind(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "find");
  let counter = 0;
  for (const value of %IteratorDirect(this, this.next)) {
    if (%Call(predicate, undefined, value, counter++)) return value;
  }
}

// Iterator.prototype.includes (searchElement [ , skippedElements ]), proposal
// "iterator includes"
function IteratorIncludes(searchElement) {
  if (!%IsObject(this)) {
    %ThrowTypeError("Iterator.prototype.includes called on non-object");
  }
  const skipped = arguments[1];
  let toSkip = 0;
  if (skipped !== undefined) {
    if (typeof skipped !== "number" ||
        (skipped % 1 !== 0 && skipped !== 1 / 0 && skipped !== -1 / 0)) {
      %IteratorCloseQuietly(this);
      %ThrowTypeError("includes skips an integral number of elements");
    }
    if (skipped < 0 || (skipped > 9007199254740991 && skipped !== 1 / 0)) {
      %IteratorCloseQuietly(this);
      %ThrowRangeError("includes skips a non-negative number of elements");
    }
    toSkip = skipped;
  }
  for (const value of %IteratorDirect(this, this.next)) {
    if (toSkip > 0) {
      toSkip--;
    } else if (value === searchElement ||
               (value !== value && searchElement !== searchElement)) {
      return true;
    }
  }
  return false;
}

// Iterator.prototype.join (separator), proposal "iterator join"
function IteratorJoin(separator) {
  if (!%IsObject(this)) {
    %ThrowTypeError("Iterator.prototype.join called on non-object");
  }
  let between = ",";
  if (separator !== undefined) {
    try {
      between = `${separator}`;
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
  }
  let result = "";
  let first = true;
  for (const value of %IteratorDirect(this, this.next)) {
    if (!first) result += between;
    first = false;
    if (value !== undefined && value !== null) result += `${value}`;
  }
  return result;
}

function IteratorFrom(value) {
  const iterator =
      %Call(%SelfHosted("IteratorFlattenable"), undefined, value, true);
  const next = iterator.next;
  if (%InheritsFromIterator(iterator)) return iterator;
  return %WrapIterator(iterator, next);
}

function* IteratorConcatBody(items) {
  for (let i = 0; i < items.length; i += 2) {
    const iterator = %Call(items[i + 1], items[i]);
    if (!%IsObject(iterator)) %ThrowTypeError("iterator is not an object");
    for (const value of %IteratorDirect(iterator, iterator.next)) yield value;
  }
}

function IteratorConcat() {
  const items = [];
  for (let i = 0; i < arguments.length; i++) {
    const item = arguments[i];
    if (!%IsObject(item)) %ThrowTypeError("Iterator.concat: not an object");
    const method = %GetMethod(item, %SymbolIterator());
    if (method === undefined) %ThrowTypeError("object is not iterable");
    %CreateDataPropertyOrThrow(items, 2 * i, item);
    %CreateDataPropertyOrThrow(items, 2 * i + 1, method);
  }
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorConcatBody"), undefined, items), []);
}

// The mode of Iterator.zip and Iterator.zipKeyed.
function IteratorZipMode(options) {
  if (options === undefined) return "shortest";
  if (!%IsObject(options)) %ThrowTypeError("options is not an object");
  const mode = options.mode;
  if (mode === undefined) return "shortest";
  if (mode !== "shortest" && mode !== "longest" && mode !== "strict") {
    %ThrowTypeError("mode is none of 'shortest', 'longest', 'strict'");
  }
  return mode;
}

// Their padding, undefined unless the mode is "longest".
function IteratorZipPaddingOption(options, mode) {
  if (options === undefined || mode !== "longest") return undefined;
  const padding = options.padding;
  if (padding !== undefined && !%IsObject(padding)) {
    %ThrowTypeError("padding is not an object");
  }
  return padding;
}

// IteratorZip: `iterators` and `nexts` are the records; an iterator that is no
// longer open is undefined there. With `keys` the results are objects.
function* IteratorZipBody(iterators, nexts, mode, padding, keys) {
  const count = iterators.length;
  let open = count;
  if (count === 0) return;
  try {
    for (;;) {
      const results = keys === undefined ? [] : {__proto__: null};
      for (let i = 0; i < count; i++) {
        const iterator = iterators[i];
        let value;
        if (iterator === undefined) {
          value = padding[i];
        } else {
          // One whose step fails is not closed.
          iterators[i] = undefined;
          const step = %Call(nexts[i], iterator);
          if (!%IsObject(step)) %ThrowIteratorResult(step);
          if (!step.done) {
            value = step.value;
            iterators[i] = iterator;
          } else if (mode === "shortest") {
            %IteratorCloseAll(iterators, false);
            return;
          } else if (mode === "strict") {
            if (i !== 0) %ThrowTypeError("Iterators differ in length");
            %Call(%SelfHosted("IteratorZipExpectDone"), undefined, iterators,
                  nexts);
            return;
          } else {
            if (--open === 0) return;
            value = padding[i];
          }
        }
        %CreateDataPropertyOrThrow(results, keys === undefined ? i : keys[i],
                                   value);
      }
      let finished = true;
      try {
        yield results;
        finished = false;
      } finally {
        if (finished) %IteratorCloseAll(iterators, false);
      }
    }
  } catch (error) {
    %IteratorCloseAll(iterators, true);
    throw error;
  }
}

// Mode "strict", after the first iterator ended.
function IteratorZipExpectDone(iterators, nexts) {
  for (let i = 1; i < iterators.length; i++) {
    const iterator = iterators[i];
    iterators[i] = undefined;
    const step = %Call(nexts[i], iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (!step.done) {
      iterators[i] = iterator;
      %ThrowTypeError("Iterators differ in length");
    }
  }
}

// As many values of the iterable `option` as there are iterators.
function IteratorZipPadding(option, count) {
  const padding = [];
  if (option !== undefined) {
    const method = %GetMethod(option, %SymbolIterator());
    if (method === undefined) %ThrowTypeError("padding is not iterable");
    const iterator = %Call(method, option);
    if (!%IsObject(iterator)) %ThrowTypeError("iterator is not an object");
    const next = iterator.next;
    if (count === 0) {
      %IteratorClose(iterator);
    } else {
      for (const value of %IteratorDirect(iterator, next)) {
        %CreateDataPropertyOrThrow(padding, padding.length, value);
        if (padding.length === count) break;
      }
    }
  }
  for (let i = padding.length; i < count; i++) {
    %CreateDataPropertyOrThrow(padding, i, undefined);
  }
  return padding;
}

// Appends the Iterator Record of `iterable` to those to be zipped.
function IteratorZipAdd(iterators, nexts, iterable) {
  const iterator =
      %Call(%SelfHosted("IteratorFlattenable"), undefined, iterable, false);
  %CreateDataPropertyOrThrow(nexts, nexts.length, iterator.next);
  %CreateDataPropertyOrThrow(iterators, iterators.length, iterator);
}

// Iterator.zip (iterables [ , options ]), proposal "joint iteration"
function IteratorZip(iterables) {
  const options = arguments[1];
  if (!%IsObject(iterables)) %ThrowTypeError("iterables is not an object");
  const mode = %Call(%SelfHosted("IteratorZipMode"), undefined, options);
  const option = %Call(%SelfHosted("IteratorZipPaddingOption"), undefined,
                       options, mode);
  const iterators = [];
  const nexts = [];
  let padding;
  try {
    for (const iterable of iterables) {
      try {
        %Call(%SelfHosted("IteratorZipAdd"), undefined, iterators, nexts,
              iterable);
      } catch (error) {
        // Before the loop closes the iterator of `iterables`.
        %IteratorCloseAll(iterators, true);
        throw error;
      }
    }
    if (mode === "longest") {
      padding = %Call(%SelfHosted("IteratorZipPadding"), undefined, option,
                      iterators.length);
    }
  } catch (error) {
    %IteratorCloseAll(iterators, true);
    throw error;
  }
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorZipBody"), undefined, iterators, nexts, mode,
            padding, undefined),
      iterators);
}

// Iterator.zipKeyed (iterables [ , options ]), the same proposal
function IteratorZipKeyed(iterables) {
  const options = arguments[1];
  if (!%IsObject(iterables)) %ThrowTypeError("iterables is not an object");
  const mode = %Call(%SelfHosted("IteratorZipMode"), undefined, options);
  const option = %Call(%SelfHosted("IteratorZipPaddingOption"), undefined,
                       options, mode);
  const iterators = [];
  const nexts = [];
  const keys = [];
  const padding = [];
  const allKeys = %OwnPropertyKeys(iterables);
  try {
    for (let i = 0; i < allKeys.length; i++) {
      const key = allKeys[i];
      if (!%OwnIsEnumerable(iterables, key)) continue;
      const iterable = iterables[key];
      if (iterable === undefined) continue;
      %CreateDataPropertyOrThrow(keys, keys.length, key);
      %Call(%SelfHosted("IteratorZipAdd"), undefined, iterators, nexts,
            iterable);
    }
    if (mode === "longest") {
      for (let i = 0; i < keys.length; i++) {
        %CreateDataPropertyOrThrow(
            padding, i, option === undefined ? undefined : option[keys[i]]);
      }
    }
  } catch (error) {
    %IteratorCloseAll(iterators, true);
    throw error;
  }
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorZipBody"), undefined, iterators, nexts, mode,
            padding, keys),
      iterators);
}
