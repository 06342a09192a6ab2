const KEPT_UPPER = new Set('id url vat iban sku pdf ip sla po crm api ai eu us uk eur usd gbp'.split(' '));

/** A key as a label: `invoiceTotal_eur` → "Invoice total eur", `customer_id` → "Customer ID". */
export function humanise(key: string): string {
  const words = key
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/[_\-.\s]+/g, ' ')
    .trim()
    .split(' ')
    .map((word) => {
      const lower = word.toLowerCase();
      return KEPT_UPPER.has(lower) ? lower.toUpperCase() : /^\p{Lu}{2,}$/u.test(word) ? word : lower;
    });
  const text = words.join(' ');
  return text === '' ? key : text.charAt(0).toUpperCase() + text.slice(1);
}
