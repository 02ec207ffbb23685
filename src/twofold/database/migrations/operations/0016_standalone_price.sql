-- The standalone selling price of a fixed-price contract line, in the contract's currency: what the work would be sold
-- for by itself. Finance shares the price of the contract out by it when it recognises revenue.
ALTER TABLE operations.contract_line
ADD COLUMN standalone_price numeric(19, 4) CHECK (standalone_price >= 0);

GRANT UPDATE (standalone_price) ON operations.contract_line TO twofold_operations;
