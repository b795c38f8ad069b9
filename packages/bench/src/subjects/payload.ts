/** A small job as people queue them: about 150 bytes of JSON. */
export function payloadOf(index: number): { n: number; to: string; template: string; reference: string } {
  return {
    n: index,
    to: `customer-${index}@example.org`,
    template: 'order-confirmation',
    reference: `order ${index}, placed in the shop and paid by card`,
  };
}
