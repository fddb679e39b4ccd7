// The texts in simplified Chinese.

import type { Language, Parts } from "./language.ts";

const total = (parts: Parts): string => (parts.total === undefined ? "" : `（${parts.total}）`);
const amount = (parts: Parts): string => (parts.amount === undefined ? "" : `（${parts.amount}）`);
const because = ({ cause }: Parts): string => (cause === undefined ? "" : `，原因：${cause}`);

export const chinese: Language = {
  events: {
    "order.created": {
      buyer: (parts) => ({ title: "订单已提交", content: `您的订单${total(parts)}已提交。` }),
      seller: (parts) => ({ title: "新订单", content: `您有一笔新订单${total(parts)}。` }),
    },
    "order.paid": {
      buyer: (parts) => ({ title: "订单已付款", content: `您的订单${total(parts)}已付款，感谢您的购买。` }),
      seller: (parts) => ({ title: "订单已付款", content: `一笔订单${total(parts)}已付款，可以发货。` }),
    },
    "order.cancelled": {
      buyer: (parts) => ({
        title: "订单已取消",
        content: `您的订单${total(parts)}已取消${because(parts)}。`,
      }),
      seller: (parts) => ({
        title: "订单已取消",
        content: `一笔订单${total(parts)}已取消${because(parts)}。`,
      }),
    },
    "order.completed": {
      buyer: (parts) => ({ title: "订单已完成", content: `您的订单${total(parts)}已完成。` }),
      seller: (parts) => ({ title: "订单已完成", content: `一笔订单${total(parts)}已完成。` }),
    },
    "payment.failed": {
      buyer: (parts) => ({
        title: "付款失败",
        content: `您的订单有一笔付款${amount(parts)}失败${because(parts)}。您可以重新付款。`,
      }),
      seller: (parts) => ({
        title: "付款失败",
        content: `一笔订单的付款${amount(parts)}失败${because(parts)}。`,
      }),
    },
    "payment.refunded": {
      buyer: (parts) => ({
        title: "已退款",
        content: `您的付款已退还${amount(parts)}${because(parts)}。`,
      }),
      seller: (parts) => ({
        title: "已退款",
        content: `买家的付款已退还${amount(parts)}${because(parts)}。`,
      }),
    },
  },
  causes: {
    "cancelled by the buyer": "买家取消",
    "cancelled by the seller": "卖家取消",
    deleted: "买家删除了订单",
    expired: "超时未付款",
    "it was paid twice": "重复付款",
    "the order is paid already": "订单此前已付款",
    "it was refused before": "该笔付款此前未被接受",
    "the amount is not the order's": "付款金额与订单金额不符",
    "the currency is not the order's": "付款币种与订单币种不符",
    "it came after the attempt was closed": "款项在该次支付关闭后才到账",
    "it came after the attempt had failed": "款项在该次支付失败后才到账",
    "the order is paid": "订单已付款",
    "the order is completed": "订单已完成",
    "the order is cancelled": "订单已取消",
    "the order is refunded": "订单已退款",
    "there is no such order": "订单不存在",
  },
  mail: {
    order: "订单",
    payment: "付款",
    time: "时间",
    reason: {
      event: "您收到这封邮件，是因为您是该订单的买家或卖家。您可以选择接收哪些邮件。",
      message: "您收到这封邮件，是因为有一条消息发送到了您的账户。",
      promotion: "您收到这封邮件，是因为您选择了接收推广邮件。",
    },
    unsubscribe: "退订推广邮件",
  },
  unsubscribing: {
    title: "推广邮件",
    question: "您确定不再接收推广邮件吗？",
    confirm: "退订",
    done: "您将不再收到推广邮件。",
    invalid: "此链接已失效。您可以在通知偏好中关闭推广邮件。",
  },
};
