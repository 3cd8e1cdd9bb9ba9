/** Signs that commands of TeX stand for; Greek letters and names of functions are their own names. */
const signs: Readonly<Record<string, string>> = {
  ...{ times: '×', cdot: '·', div: '÷', pm: '±', mp: '∓', ast: '*', star: '*', circ: '°' },
  ...{ leq: '≤', le: '≤', geq: '≥', ge: '≥', neq: '≠', ne: '≠', approx: '≈', equiv: '≡' },
  ...{ sim: '~', ll: '≪', gg: '≫', propto: '∝', infty: '∞', partial: '∂', nabla: '∇' },
  ...{ sum: '∑', prod: '∏', int: '∫', oint: '∮', in: '∈', notin: '∉', subset: '⊂' },
  ...{ subseteq: '⊆', cup: '∪', cap: '∩', emptyset: '∅', forall: '∀', exists: '∃', neg: '¬' },
  ...{ land: '∧', wedge: '∧', lor: '∨', vee: '∨', to: '→', rightarrow: '→', leftarrow: '←' },
  ...{ Rightarrow: '⇒', Leftrightarrow: '⇔', leftrightarrow: '↔', mapsto: '↦', degree: '°' },
  ...{
    ldots: '...',
    dots: '...',
    dotsc: '...',
    dotsb: '...',
    cdots: '...',
    vdots: '...',
    ddots: '...',
    prime: '′',
  },
  ...{ langle: '⟨', rangle: '⟩', lfloor: '⌊', rfloor: '⌋', lceil: '⌈', rceil: '⌉', hbar: 'ℏ' },
  ...{ alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', epsilon: 'ε', varepsilon: 'ε', zeta: 'ζ' },
  ...{ eta: 'η', theta: 'θ', vartheta: 'θ', iota: 'ι', kappa: 'κ', lambda: 'λ', mu: 'μ' },
  ...{ nu: 'ν', xi: 'ξ', pi: 'π', rho: 'ρ', sigma: 'σ', tau: 'τ', upsilon: 'υ', phi: 'φ' },
  ...{ varphi: 'φ', chi: 'χ', psi: 'ψ', omega: 'ω', Gamma: 'Γ', Delta: 'Δ', Theta: 'Θ' },
  ...{ Lambda: 'Λ', Xi: 'Ξ', Pi: 'Π', Sigma: 'Σ', Phi: 'Φ', Psi: 'Ψ', Omega: 'Ω', ell: 'ℓ' },
};

const letters = new Map(Object.entries(signs).filter(([, sign]) => /^\p{L}$/u.test(sign)));

/** Commands that only say how something looks; the braces behind them hold what shows. */
const looks =
  /^(?:text|mathrm|mathbf|mathit|mathsf|mathtt|mathbb|mathcal|mathfrak|mathscr|operatorname|mbox|hbox|textbf|textit|textrm|textsf|textstyle|displaystyle|scriptstyle|scriptscriptstyle|boldsymbol|bold|bm|rm|bf|it|cal|left|right|big|Big|bigg|Bigg|bigl|bigr|Bigl|Bigr|limits|nolimits|quad|qquad|mathop|hline|ce|scriptsize|tiny|small|large|nonumber|phantom|hspace|vspace|strut)$/;

/** Accents over a letter, which may change what it means: the mark that goes behind it. */
const accents: Readonly<Record<string, string>> = {
  ...{ bar: '\u0304', overline: '\u0304', hat: '\u0302', widehat: '\u0302', vec: '\u20D7' },
  ...{ tilde: '\u0303', widetilde: '\u0303', dot: '\u0307', ddot: '\u0308' },
};
const accented = new RegExp(
  String.raw`\\(${Object.keys(accents).join('|')})(?:\s*\{\s*([\p{L}\d])\s*\}|\s+([\p{L}\d])|([^\s{A-Za-z]))`,
  'gu',
);

/** Named commands, escaped signs and spaces; `\begin{matrix}` with its name. */
const command = /\\(?:(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|]*\})?|([A-Za-z]+)\*?\s*|([^A-Za-z]))/g;
/** Groups in braces are read from the inside out, so many deep; the rest loses its braces. */
const maxDepth = 8;

/**
 * A formula of TeX as a line that can be read: `\frac{1}{2}\pi r^{2}\ \text{area}` becomes
 * `1/2 π r^2 area`. Names of functions stay (`\sin`), what only says how it looks goes. Linear in the
 * length.
 */
export function readFormula(tex: string): string {
  let text = tex
    .replaceAll(/\\([A-Za-z]+)(?![A-Za-z])/g, (all, name: string) => letters.get(name) ?? all)
    .replaceAll(accented, (_all, name: string, a?: string, b?: string, c?: string) => {
      return ` ${a ?? b ?? c ?? ''}${accents[name] ?? ''} `.normalize('NFC');
    })
    .replaceAll(/\\[dtc]?frac\s*(\d)\s*(\d)/g, ' $1/$2 ');
  for (let depth = 0, before = ''; depth < maxDepth && text !== before; depth += 1) {
    before = text;
    text = readInnerGroups(text);
  }
  return text
    .replaceAll(command, (_all, name: string | undefined, sign: string | undefined) => {
      if (name !== undefined) return looks.test(name) ? ' ' : ` ${signs[name] ?? name} `;
      return sign !== undefined && /[%$&#_]/.test(sign) ? sign : ' ';
    })
    .replaceAll(/[{}&~]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([\^_]) ?/g, '$1')
    .replaceAll(/(?<=[([]) | (?=[,)\]])/g, '')
    .trim();
}

function readInnerGroups(text: string): string {
  return text
    .replaceAll(/\\([A-Za-z]+)\s*\{([^{}]*)\}/g, (all, name: string, inner: string) => {
      if (name === 'sqrt') return ` √${inBrackets(inner)} `;
      if (Object.hasOwn(accents, name)) return ` ${name} (${inner.trim()}) `;
      return looks.test(name) ? ` ${inner} ` : all;
    })
    .replaceAll(
      /\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g,
      (_all, over: string, under: string) => ` ${inBrackets(over)}/${inBrackets(under)} `,
    )
    .replaceAll(
      /([\^_])\s*\{([^{}]*)\}/g,
      (_all, mark: string, inner: string) => mark + inBrackets(inner),
    );
}

/** What is more than a number or a name stands in brackets. */
function inBrackets(text: string): string {
  const inner = text.trim();
  return /^[-+]?\\?(?:[\p{N}.,]*|[\p{L}\p{M}\p{N},]*)$|^\([^()]*\)$/u.test(inner)
    ? inner
    : `(${inner})`;
}
