"""A finance book in which one hour of work and one milestone were posted and invoiced.

Actual 10 is the cost and 11 the unbilled sale of the work, 20 its billed sale; 21 bills
milestone 9. Tax is 6.25 percent. Everything was reported to operations.
"""

from __future__ import annotations

from typing import Final

INVOICED: Final = """
    finance.legal_entity
    company  name  accounting_currency  reporting_currency  change_set_id
    USPM     US    USD                  USD                 1

    finance.main_account
    company  account  name         kind
    USPM     130100   Receivables  asset
    USPM     145300   WIP          asset
    USPM     202100   Sales tax    liability

    finance.number_sequence
    company  reference         prefix  digits  next_number
    USPM     customer_invoice  I-      4       8

    finance.line_property
    company  line_property  name        is_chargeable  is_accruable
    USPM     Chargeable     Chargeable  true           true

    finance.tax_code
    company  tax_code  name    payable_account
    USPM     MA        MA tax  202100

    finance.customer
    company  customer_id  account  name    currency  source_version
    USPM     1            ADATUM   Adatum  USD       1

    finance.category
    company  category_id  number  name    source_version
    USPM     7            LABOUR  Labour  1

    finance.resource
    company  resource_id  name       source_version
    USPM     8            Bob Kozack  1

    finance.contract
    company  contract_id  number  name      customer_id  currency  source_version
    USPM     3            C-3     Contract  1            USD       1

    finance.project
    company  project_id  number  name     contract_id  customer_id  state       source_version
    USPM     5           P-5     Project  3            1            in_process  1

    finance.contract_line
    company  contract_line_id  contract_id  line_number  name   billing_method     project_id  source_version
    USPM     4                 3            1            Hours  time_and_material  5           1
    USPM     6                 3            2            Stage  fixed_price        5           1

    finance.on_account_transaction
    company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount  currency  source_version
    USPM     9             3            6                 1            5           Start-up     2026-10-31        5000    USD       1

    finance:dualwrite.inbox
    company  source      set_id  kind          stream          version  key_first  key_last  content_hash  row_count  actor  created_at            applied_at
    USPM     operations  100     approval      approval/10     1        10         11        a             2          ann    2026-10-06T08:00:00Z  2026-10-06T08:00:01Z
    USPM     operations  101     confirmation  invoice/PF-50   1        20         22        b             2          ann    2026-11-01T08:00:00Z  2026-11-01T08:00:01Z

    finance.staged_actual
    company  actual_id  transaction_type  class      billing_type    transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  resource_id  category_id  contract_id  contract_line_id  customer_id  milestone_id  proforma_id  source_set_id  description
    USPM     10         cost              time       chargeable      2026-10-05        2026-10-05       8         50     400     USD       hour  5           8            7            3            4                 1            -             -            100            Design
    USPM     11         unbilled_sales    time       chargeable      2026-10-05        2026-10-05       8         100    800     USD       hour  5           8            7            3            4                 1            -             -            100            Design
    USPM     20         billed_sales      time       chargeable      2026-10-05        2026-11-01       8         100    800     USD       hour  5           8            7            3            4                 1            -             50           101            Design
    USPM     21         billed_sales      milestone  chargeable      2026-10-31        2026-11-01       1         5000   5000    USD       each  5           -            -            3            6                 1            9             50           101            -

    finance.staged_connection
    company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
    USPM     11               unbilled_sales     10               cost
    USPM     20               billed_sales       11               unbilled_sales

    finance.imported_set
    company  source_set_id  imported_at
    USPM     100            2026-10-06T09:00:00Z

    finance.journal
    company  journal_id  number  description  state   period_start  created_at            posted_at             posted_by  change_set_id
    USPM     2           J-2     October      posted  2026-10-01    2026-10-06T09:00:00Z  2026-10-06T10:00:00Z  bea        500

    finance:dualwrite.outbox
    company  set_id  kind             stream         version  key_first  key_last  actor  created_at
    USPM     500     journal_posting  journal/J-2    1        10         11        bea    2026-10-06T10:00:00Z
    USPM     501     invoice_posting  invoice/PF-50  1        20         21        bea    2026-11-01T10:00:00Z

    finance:dualwrite.acknowledged
    company  set_id  applied_at            acknowledged_at       chain_number  chain_hash
    USPM     500     2026-10-06T10:00:02Z  2026-10-06T10:00:03Z  1             c
    USPM     501     2026-11-01T10:00:02Z  2026-11-01T10:00:03Z  2             d

    finance.project_transaction
    company  actual_id  journal_id  voucher  accounting_date  category_number  line_property  profile  exchange_rate  accounting_amount  accrued_amount  accrued_reporting_amount  wip_account  accrued_revenue_account  change_set_id
    USPM     10         2           V1       2026-10-05       LABOUR           Chargeable     TM_WIP   100            400                0               0                         -            -                        500
    USPM     11         2           V2       2026-10-05       LABOUR           Chargeable     TM_WIP   100            800                800             800                       145300       402100                   500

    finance.journal_total
    company  journal_id  transaction_type  class  currency  line_count  quantity  amount
    USPM     2           cost              time   USD       1           8         400
    USPM     2           unbilled_sales    time   USD       1           8         800

    finance.proposal
    company  proposal_id  number  name   contract_id  customer_id  currency  accounting_date  confirmed_at          first_actual_id  last_actual_id  billable_count  billable_hash  state   invoice_date  due_date    net_amount  tax_amount  total_amount  line_count
    USPM     50           PF-50   Bill   3            1            USD       2026-11-01       2026-11-01T08:00:00Z  20               21              2               0              posted  2026-11-01    2026-12-01  5800        362.5       6162.5        2

    finance.proposal_line
    company  actual_id  proposal_id  transaction_id  milestone_id  tax_group  item_tax_group  amount  tax_amount
    USPM     20         50           11              -             MA         ALL             800     50
    USPM     21         50           -               9             MA         ALL             5000    312.5

    finance.customer_invoice
    company  proposal_id  invoice_number  voucher  invoice_date  due_date    customer_id  currency  exchange_rate  reporting_rate  net_amount  tax_amount  total_amount  posted_by  posted_at             change_set_id
    USPM     50           I-0007          V3       2026-11-01    2026-12-01  1            USD       100            100             5800        362.5       6162.5        bea        2026-11-01T10:00:00Z  501

    finance.invoice_line
    company  actual_id  proposal_id  voucher  accounting_date  exchange_rate  accounting_amount  sales_tax_amount  accrued_amount  accrual_reversed_amount  revenue_type                 revenue_account  change_set_id
    USPM     20         50           V3       2026-11-01       100            800                50                800             800                      invoiced_revenue             401100           501
    USPM     21         50           V3       2026-11-01       100            5000               312.5             0               0                        invoiced_revenue_on_account  401500           501

    finance.invoiced_tax
    company  proposal_id  tax_group  item_tax_group  tax_code  rate  payable_account
    USPM     50           MA         ALL             MA        6.25  202100

    finance.customer_transaction
    company  voucher  customer_id  transaction_date  due_date    invoice_number  posting_profile  currency  exchange_rate  amount  accounting_amount  reporting_amount
    USPM     V3       1            2026-11-01        2026-12-01  I-0007          GEN              USD       100            6162.5  6162.5             6162.5

    finance.tax_transaction
    company  voucher  tax_code  rate  base_amount  tax_amount  accounting_base_amount  accounting_tax_amount
    USPM     V3       MA        6.25  5800         362.5       5800                    362.5

    finance.ledger_entry
    company  posting_id  voucher  entry_number  accounting_date  account  posting_type                 project_id  currency  transaction_amount  accounting_amount  reporting_amount
    USPM     901         V1       1             2026-10-05       501100   cost                         5           USD       400                 400                400
    USPM     901         V1       2             2026-10-05       601900   payroll_allocation           5           USD       -400                -400               -400
    USPM     901         V2       1             2026-10-05       145300   wip_sales_value              5           USD       800                 800                800
    USPM     901         V2       2             2026-10-05       402100   accrued_revenue              5           USD       -800                -800               -800
    USPM     902         V3       1             2026-11-01       130100   customer_balance             -           USD       6162.5              6162.5             6162.5
    USPM     902         V3       2             2026-11-01       202100   sales_tax_payable            -           USD       -362.5              -362.5             -362.5
    USPM     902         V3       3             2026-11-01       401100   invoiced_revenue             5           USD       -800                -800               -800
    USPM     902         V3       4             2026-11-01       401500   invoiced_revenue_on_account  5           USD       -5000               -5000              -5000
    USPM     902         V3       5             2026-11-01       402100   accrued_revenue              5           USD       800                 800                800
    USPM     902         V3       6             2026-11-01       145300   wip_sales_value              5           USD       -800                -800               -800

    finance.posting
    company  chain_number  posting_id  kind      document  entry_count  first_voucher  last_voucher  content_hash                                                      previous_hash                                                     hash                                                              posted_by  posted_at
    USPM     1             901         journal   J-2       4            V1             V2            5356b348ee2e7cbdd782e49b6c65406d1ce6cf56c9ce4a1aca081d107ff36d8e  ''                                                                1a26d704ba0deaf717fd46649dc0c02822ab6df5d849d79bd2a82eb95dea0adf  bea        2026-10-06T10:00:00Z
    USPM     2             902         invoices  I-0007    6            V3             V3            f2ed78cbb89fa99458744d88048ba54fd498f9a54f64acc315256bbd4022860e  1a26d704ba0deaf717fd46649dc0c02822ab6df5d849d79bd2a82eb95dea0adf  56dd6e0853196d0db0463dcd1cbaf87a1b7ea5ae5ff1f89b3c0ee3fc546a974b  bea        2026-11-01T10:00:00Z

    finance.posting_head
    company  chain_number  hash
    USPM     2             56dd6e0853196d0db0463dcd1cbaf87a1b7ea5ae5ff1f89b3c0ee3fc546a974b

    finance.account_balance
    company  account  accounting_date  is_closing  entry_count  debit_amount  credit_amount  reporting_debit_amount  reporting_credit_amount
    USPM     130100   2026-11-01       f           1            6162.5        0              6162.5                  0
    USPM     145300   2026-10-05       f           1            800           0              800                     0
    USPM     145300   2026-11-01       f           1            0             800            0                       800
    USPM     202100   2026-11-01       f           1            0             362.5          0                       362.5
    USPM     401100   2026-11-01       f           1            0             800            0                       800
    USPM     401500   2026-11-01       f           1            0             5000           0                       5000
    USPM     402100   2026-10-05       f           1            0             800            0                       800
    USPM     402100   2026-11-01       f           1            800           0              800                     0
    USPM     501100   2026-10-05       f           1            400           0              400                     0
    USPM     601900   2026-10-05       f           1            0             400            0                       400
"""  # noqa: E501 - rows are shown whole
