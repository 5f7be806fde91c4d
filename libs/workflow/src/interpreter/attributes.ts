import { raise } from './errors.js';
import { hasMethod } from './methods/names.js';
import {
  BoundMethod,
  BuiltinValue,
  ExceptionValue,
  FunctionValue,
  MatchValue,
  PatternValue,
  TupleValue,
  typeName,
  type Value,
} from './values.js';

/**
 * Reads `object.name`. Only what is listed here exists: no attribute leads from
 * a value to anything outside the program.
 *
 * @throws Raised AttributeError
 */
export function getAttribute(object: Value, name: string): Value {
  if (name === '__class__') return new BuiltinValue(typeName(object));
  if (object instanceof ExceptionValue && name === 'args') return new TupleValue(object.args);
  if (name === '__name__') {
    if (object instanceof BuiltinValue) return object.name.slice(object.name.lastIndexOf('.') + 1);
    if (object instanceof FunctionValue) return object.name;
  }
  if (object instanceof MatchValue && name === 'string') return object.text;
  if (object instanceof PatternValue && name === 'pattern') return object.source;
  if (hasMethod(object, name)) return new BoundMethod(object, name);
  throw raise('AttributeError', `'${typeName(object)}' object has no attribute '${name}'`);
}
