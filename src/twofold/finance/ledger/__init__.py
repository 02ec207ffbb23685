"""The ledger: vouchers and their entries, append only, each voucher zero in every currency.

Entries are summarised per voucher, account, posting type, currency and project; the project
subledger (posted project transactions and invoice lines) keeps every line under the same voucher.
"""
