// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MetadataReaderLib} from "solady/src/utils/MetadataReaderLib.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPositionDescriptor} from "../interfaces/IPositionDescriptor.sol";
import {DisplayStrings} from "../libraries/DisplayStrings.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {Carry, Position} from "../types/Position.sol";
import {Card, Health, PositionCard} from "./PositionCard.sol";

/// @title PositionDescriptor
/// @notice Metadata of positions, drawn from the chain alone. See IPositionDescriptor.
contract PositionDescriptor is IPositionDescriptor {
    using DisplayStrings for uint256;
    using DisplayStrings for string;

    /// @dev Longest symbols shown.
    uint256 private constant MARKET_LIMIT = 24;
    uint256 private constant TOKEN_LIMIT = 10;

    /// @dev What the symbol of a market's token begins with, before the market's own.
    bytes3 private constant PREFIX = "bh-";

    /// @dev Leverage from which on it is no longer told exactly, tenths.
    uint256 private constant MAX_LEVERAGE = 9_999;

    string private constant UNKNOWN = "n/a";

    /// @dev Money and how it is written. @param decimals Of the token. @param symbol Of the token, with a space before it.
    struct Money {
        uint256 scale;
        uint256 decimals;
        string symbol;
    }

    /// @inheritdoc IPositionDescriptor
    function tokenURI(IPerpMarket market, uint256 positionId) external view returns (string memory) {
        Card memory card = _card(market, positionId);
        return string.concat("data:application/json;base64,", Base64.encode(bytes(_json(card))));
    }

    /* JSON */

    // JSON knows no other quotes.
    /* solhint-disable quotes */

    function _json(Card memory c) private pure returns (string memory) {
        bool open = c.health != Health.Waiting;
        string memory what = open ? string.concat(_lowerSide(c.side), " ", c.size) : "waiting";
        return
            string.concat(
                string.concat('{"name":"', c.market, " ", what, " (#", c.id, ')","description":"'),
                string.concat(
                    "A position in the Bulkhead market ",
                    c.market,
                    " and its collateral: they belong to "
                ),
                "whoever holds this token. The figures move with the price: ask the market before you trade it.",
                '","image":"data:image/svg+xml;base64,',
                Base64.encode(bytes(PositionCard.draw(c))),
                '","attributes":[',
                _attributes(c),
                "]}"
            );
    }

    function _attributes(Card memory c) private pure returns (string memory) {
        return
            string.concat(
                string.concat(_attribute("Market", c.market), ",", _attribute("Side", c.side), ","),
                string.concat(_attribute("Size", c.size), ",", _attribute("Leverage", c.leverage), ","),
                string.concat(_attribute("Health", PositionCard.healthName(c.health)), ","),
                string.concat(
                    _attribute("Collateral", c.collateral),
                    ",",
                    _attribute("Equity", c.equity),
                    ","
                ),
                string.concat(_attribute("Entry price", c.entryPrice), ",", _attribute("Price", c.price))
            );
    }

    function _attribute(string memory trait, string memory value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', trait, '","value":"', value, '"}');
    }

    /* solhint-enable quotes */

    function _lowerSide(string memory side) private pure returns (string memory) {
        return Strings.equal(side, "Long") ? "long" : "short";
    }

    /* CARD */

    function _card(IPerpMarket market, uint256 positionId) private view returns (Card memory c) {
        Position memory p = market.position(positionId);
        uint256 collateral = market.marginVault().balanceOf(positionId);
        uint256 price = _freshPrice(market);
        Money memory money = _money(market);
        c.market = _marketName(market);
        c.id = Strings.toString(positionId);
        c.price = price == 0 ? UNKNOWN : _price(price);
        c.collateral = _amount(money, collateral);
        (c.side, c.size, c.leverage) = ("None", "0", UNKNOWN);
        (c.entryPrice, c.equity) = (UNKNOWN, UNKNOWN);
        if (p.size == 0) return c;

        uint256 size = FixedMath.abs(p.size);
        c.side = p.size > 0 ? "Long" : "Short";
        c.size = size.shortDecimal(18, 6);
        c.entryPrice = _price(FixedMath.mulDivDown(p.entryNotional, money.scale, size));
        c.health = Health.Unpriced;
        if (price != 0) _fillHealth(c, market, p, price, collateral, money);
    }

    /// @dev What depends on the price.
    function _fillHealth(
        Card memory c,
        IPerpMarket market,
        Position memory p,
        uint256 price,
        uint256 collateral,
        Money memory money
    ) private view {
        int256 equity = _equity(market, p, price, collateral, money.scale);
        c.equity =
            equity < 0
                ? string.concat("-", _amount(money, FixedMath.abs(equity)))
                : _amount(money, uint256(equity));
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, price, money.scale);
        uint256 maintenance = market.maintenanceMargin(size, notional);
        uint256 factor = market.params().warningFactor;
        c.health = _health(equity, maintenance, FixedMath.mulWadUp(maintenance, factor));
        if (factor > FixedMath.WAD) c.warning = 100 - FixedMath.mulDivDown(100, FixedMath.WAD, factor);
        c.ratio = "0.00x";
        if (equity <= 0) return;

        uint256 worth = uint256(equity);
        uint256 leverage = FixedMath.mulDivDown(notional, 10, worth);
        c.leverage = leverage > MAX_LEVERAGE ? "999x+" : string.concat(leverage.fixedDecimal(1, 1), "x");
        c.ratio = string.concat(FixedMath.mulDivDown(worth, 100, maintenance).fixedDecimal(2, 2), "x");
        if (worth > maintenance) c.cushion = FixedMath.mulDivDown(worth - maintenance, 100, worth);
    }

    function _equity(
        IPerpMarket market,
        Position memory p,
        uint256 price,
        uint256 collateral,
        uint256 scale
    ) private view returns (int256) {
        Carry memory c = market.carryAt(price);
        int256 carry = PositionMath.carryOwed(
            FixedMath.abs(p.size),
            p.size > 0 ? c.longIndex : c.shortIndex,
            p.carryIndex,
            scale
        );
        return
            PositionMath.equity(collateral, PositionMath.pnl(p.size, p.entryNotional, price, scale), carry);
    }

    function _health(int256 equity, uint256 maintenance, uint256 call) private pure returns (Health) {
        if (equity < 0) return Health.Bankrupt;
        if (uint256(equity) < maintenance) return Health.Liquidatable;
        return uint256(equity) < call ? Health.MarginCall : Health.Healthy;
    }

    /// @dev The latest price; zero if it is stale, or the feed has or answers none.
    function _freshPrice(IPerpMarket market) private view returns (uint256) {
        try market.oracle().peek() returns (uint256 price, uint256, bool fresh) {
            return fresh ? price : 0;
        } catch {
            return 0;
        }
    }

    /* TEXT */

    function _marketName(IPerpMarket market) private view returns (string memory) {
        bytes memory symbol = bytes(IERC721Metadata(address(market)).symbol());
        if (bytes3(symbol) == PREFIX) symbol = Bytes.slice(symbol, PREFIX.length);
        return string(symbol).plain(MARKET_LIMIT);
    }

    function _money(IPerpMarket market) private view returns (Money memory money) {
        money.scale = market.quoteScale();
        money.decimals = 36 - Math.log10(money.scale);
        // Reads symbols of all kinds, and none where there is none.
        string memory symbol = MetadataReaderLib.readSymbol(address(market.token())).plain(TOKEN_LIMIT);
        if (bytes(symbol).length != 0) money.symbol = string.concat(" ", symbol);
    }

    function _amount(Money memory money, uint256 amount) private pure returns (string memory) {
        return string.concat(amount.fixedDecimal(money.decimals, 2), money.symbol);
    }

    /// @dev A wad price: two decimals from one on, eight below.
    function _price(uint256 price) private pure returns (string memory) {
        return price >= FixedMath.WAD ? price.fixedDecimal(18, 2) : price.shortDecimal(18, 8);
    }
}
