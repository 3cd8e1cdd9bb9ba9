/**
 * A new element. Strings become text, never markup; a child that is undefined is left out.
 *
 * @param {string} name
 * @param {string} className
 * @param {readonly (Node | string | undefined)[]} children
 * @returns {HTMLElement}
 */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * The first match below `root`. Throws where there is none of that type.
 *
 * @template {Element} Type
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Type} type
 * @returns {Type}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${selector}.`);
}

/**
 * Four significant digits, with a sign where it is asked for.
 *
 * @param {number} value
 * @param {boolean} [hasSign]
 * @returns {string}
 */
export function shortNumber(value, hasSign = false) {
  const sign = hasSign && value > 0 ? '+' : '';
  if (value !== 0 && Math.abs(value) < 1e-4) return sign + value.toExponential(1);
  const notation = Math.abs(value) >= 1e5 ? 'compact' : 'standard';
  return sign + value.toLocaleString('en', { maximumSignificantDigits: 4, notation });
}
