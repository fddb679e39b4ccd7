// The orders that clients send.

export const BARE_ORDER = { customer_name: "张三", total_amount: 299.99, status: "pending" };

const ITEMS = [
  { product_id: "tea-oolong-250", name: "乌龙茶 250 g", unit_price: "88.00", quantity: 2 },
  { product_id: "cup-celadon", name: "Celadon cup", unit_price: "49.50", quantity: 4 },
];

/** Two lines of goods of a seller. */
export const orderWithLines = (seller: string): object => ({
  customer_name: "张三",
  items: ITEMS,
  seller_id: seller,
});
