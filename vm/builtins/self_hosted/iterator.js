// Iterator helpers (ECMA-262 27.1.3, 27.1.4). A lazy helper is an object around
// one of the generators below; %IteratorClose is IteratorClose for a normal
// completion, %IteratorCloseQuietly for a throw completion.

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
  for (let counter = 0; ; counter++) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    let finished = false;
    try {
      const mapped = %Call(mapper, undefined, value, counter);
      finished = true;
      yield mapped;
      finished = false;
    } catch (error) {
      %IteratorCloseQuietly(iterator);
      finished = false;
      throw error;
    } finally {
      if (finished) %IteratorClose(iterator);
    }
  }
}

function IteratorMap(mapper) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, mapper, "map");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorMapBody"), undefined, this, this.next, mapper),
      this);
}

function* IteratorFilterBody(iterator, next, predicate) {
  for (let counter = 0; ; counter++) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    let finished = false;
    try {
      if (%Call(predicate, undefined, value, counter)) {
        finished = true;
        yield value;
        finished = false;
      }
    } catch (error) {
      %IteratorCloseQuietly(iterator);
      finished = false;
      throw error;
    } finally {
      if (finished) %IteratorClose(iterator);
    }
  }
}

function IteratorFilter(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "filter");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorFilterBody"), undefined, this, this.next,
            predicate),
      this);
}

// The limit of take and drop; closes the iterator if it is none.
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
  if (number === number) {
    number = %ToIntegerOrInfinity(number);
    if (number >= 0) return number;
  }
  %IteratorCloseQuietly(iterator);
  %ThrowRangeError(name + " needs a non-negative number");
}

function* IteratorTakeBody(iterator, next, limit) {
  for (let remaining = limit; ; remaining--) {
    if (remaining === 0) {
      %IteratorClose(iterator);
      return;
    }
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    let finished = true;
    try {
      yield value;
      finished = false;
    } finally {
      if (finished) %IteratorClose(iterator);
    }
  }
}

function IteratorTake(limit) {
  const count = %Call(%SelfHosted("IteratorLimit"), undefined, this, limit,
                      "take");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorTakeBody"), undefined, this, this.next, count),
      this);
}

function* IteratorDropBody(iterator, next, limit) {
  for (let remaining = limit; remaining > 0; remaining--) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
  }
  for (;;) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    let finished = true;
    try {
      yield value;
      finished = false;
    } finally {
      if (finished) %IteratorClose(iterator);
    }
  }
}

function IteratorDrop(limit) {
  const count = %Call(%SelfHosted("IteratorLimit"), undefined, this, limit,
                      "drop");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorDropBody"), undefined, this, this.next, count),
      this);
}

// GetIteratorFlattenable (7.4.x): an iterator of an object, or of a string if
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
  for (let counter = 0; ; counter++) {
    const step = %Call(next, iterator);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    let inner;
    let innerNext;
    try {
      const mapped = %Call(mapper, undefined, value, counter);
      inner = %Call(%SelfHosted("IteratorFlattenable"), undefined, mapped,
                    false);
      innerNext = inner.next;
    } catch (error) {
      %IteratorCloseQuietly(iterator);
      throw error;
    }
    for (;;) {
      let innerValue;
      try {
        const innerStep = %Call(innerNext, inner);
        if (!%IsObject(innerStep)) %ThrowIteratorResult(innerStep);
        if (innerStep.done) break;
        innerValue = innerStep.value;
      } catch (error) {
        %IteratorCloseQuietly(iterator);
        throw error;
      }
      let finished = true;
      try {
        yield innerValue;
        finished = false;
      } finally {
        if (finished) {
          try {
            %IteratorClose(inner);
          } catch (error) {
            %IteratorCloseQuietly(iterator);
            throw error;
          }
          %IteratorClose(iterator);
        }
      }
    }
  }
}

function IteratorFlatMap(mapper) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, mapper,
        "flatMap");
  return %CreateIteratorHelper(
      %Call(%SelfHosted("IteratorFlatMapBody"), undefined, this, this.next,
            mapper),
      this);
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
  for (; ; counter++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return accumulator;
    const value = step.value;
    try {
      accumulator = %Call(reducer, undefined, accumulator, value, counter);
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
  }
}

function IteratorToArray() {
  if (!%IsObject(this)) {
    %ThrowTypeError("Iterator.prototype.toArray called on non-object");
  }
  const next = this.next;
  const result = [];
  for (let k = 0; ; k++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return result;
    %CreateDataPropertyOrThrow(result, k, step.value);
  }
}

function IteratorForEach(callback) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, callback,
        "forEach");
  const next = this.next;
  for (let counter = 0; ; counter++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return;
    const value = step.value;
    try {
      %Call(callback, undefined, value, counter);
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
  }
}

function IteratorSome(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "some");
  const next = this.next;
  for (let counter = 0; ; counter++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return false;
    const value = step.value;
    let found;
    try {
      found = %Call(predicate, undefined, value, counter);
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
    if (found) {
      %IteratorClose(this);
      return true;
    }
  }
}

function IteratorEvery(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "every");
  const next = this.next;
  for (let counter = 0; ; counter++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return true;
    const value = step.value;
    let holds;
    try {
      holds = %Call(predicate, undefined, value, counter);
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
    if (!holds) {
      %IteratorClose(this);
      return false;
    }
  }
}

function IteratorFind(predicate) {
  %Call(%SelfHosted("IteratorHelperArgument"), undefined, this, predicate,
        "find");
  const next = this.next;
  for (let counter = 0; ; counter++) {
    const step = %Call(next, this);
    if (!%IsObject(step)) %ThrowIteratorResult(step);
    if (step.done) return undefined;
    const value = step.value;
    let found;
    try {
      found = %Call(predicate, undefined, value, counter);
    } catch (error) {
      %IteratorCloseQuietly(this);
      throw error;
    }
    if (found) {
      %IteratorClose(this);
      return value;
    }
  }
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
    const next = iterator.next;
    for (;;) {
      const step = %Call(next, iterator);
      if (!%IsObject(step)) %ThrowIteratorResult(step);
      if (step.done) break;
      const value = step.value;
      let finished = true;
      try {
        yield value;
        finished = false;
      } finally {
        if (finished) %IteratorClose(iterator);
      }
    }
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
      %Call(%SelfHosted("IteratorConcatBody"), undefined, items), undefined);
}
