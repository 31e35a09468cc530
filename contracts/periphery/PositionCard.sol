// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";

/// @notice How a position stands. `Waiting`: reserved, its order not yet filled. `Unpriced`: there is no fresh price to
/// tell. The others by equity: below nothing, below the maintenance margin, below the margin call, or above.
enum Health {
    Waiting,
    Unpriced,
    Healthy,
    MarginCall,
    Liquidatable,
    Bankrupt
}

/// @notice What is to be told of a position: text that may stand in JSON and XML as it is.
/// @param side Long, Short or None.
/// @param cushion Part of the equity that is above the maintenance margin, percent.
/// @param warning The cushion below which the position is warned, percent.
/// @param ratio Equity as a multiple of the maintenance margin.
struct Card {
    string market;
    string id;
    string side;
    string size;
    string leverage;
    string entryPrice;
    string price;
    string collateral;
    string equity;
    Health health;
    uint256 cushion;
    uint256 warning;
    string ratio;
}

/// @notice Draws a position: 400 × 400, any font, no scripts and nothing to load. Sides and states differ by word and
/// shape, not by colour alone.
library PositionCard {
    uint256 private constant LEFT = 32;
    uint256 private constant RIGHT = 368;
    uint256 private constant BAR_WIDTH = 336;

    /// @dev Widest digit of the usual bold fonts, hundredths of the font size.
    uint256 private constant DIGIT_WIDTH = 66;

    string private constant INK = "#f4f7fb";
    string private constant MUTED = "#93a4bd";
    string private constant GOOD = "#34d3b1";
    string private constant WARN = "#ffc44d";
    string private constant BAD = "#ff7a59";

    // Attributes of a line of text.
    string private constant BOLD = " font-weight='bold'";
    string private constant SPACED = " letter-spacing='1'";
    string private constant AT_END = " text-anchor='end'";

    /// @notice The card as an SVG document.
    function draw(Card memory c) internal pure returns (string memory) {
        return
            string.concat(
                "<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400' viewBox='0 0 400 400' ",
                "font-family='Helvetica,Arial,sans-serif' role='img'><title>",
                string.concat(c.market, " ", c.side, " ", c.size, ", ", healthName(c.health)),
                "</title>",
                _frame(c),
                _headline(c),
                _figures(c),
                _health(c),
                "</svg>"
            );
    }

    /// @notice What a state is called.
    function healthName(Health health) internal pure returns (string memory) {
        if (health == Health.Waiting) return "Waiting";
        if (health == Health.Unpriced) return "Price n/a";
        if (health == Health.Healthy) return "Healthy";
        if (health == Health.MarginCall) return "Margin call";
        return health == Health.Liquidatable ? "Liquidatable" : "Bankrupt";
    }

    /* INTERNAL */

    function _frame(Card memory c) private pure returns (string memory) {
        return
            string.concat(
                "<rect width='400' height='400' rx='22' fill='#0d1624'/>",
                "<rect x='8' y='8' width='384' height='384' rx='16' fill='none' stroke='#26364f' stroke-width='2'/>",
                _text(LEFT, 46, 13, MUTED, SPACED, "BULKHEAD"),
                _text(RIGHT, 46, _fit(c.id, 150, 14), MUTED, AT_END, string.concat("#", c.id))
            );
    }

    function _headline(Card memory c) private pure returns (string memory) {
        return
            string.concat(
                _text(LEFT, 88, _fit(c.market, 208, 32), INK, BOLD, c.market),
                _sideBadge(c.side),
                _figure(LEFT, 126, 218, 36, "", "SIZE", c.size),
                _figure(RIGHT, 126, 112, 36, AT_END, "LEVERAGE", c.leverage),
                _line(188)
            );
    }

    /// @dev An arrow up, an arrow down or a ring, and the word.
    function _sideBadge(string memory side) private pure returns (string memory) {
        bool isLong = Strings.equal(side, "Long");
        bool isShort = Strings.equal(side, "Short");
        string memory color = isLong ? GOOD : (isShort ? BAD : MUTED);
        string memory shape =
            isLong
                ? "<path d='M264 84l9-16 9 16z'"
                : (isShort ? "<path d='M264 68l9 16 9-16z'" : "<circle cx='273' cy='76' r='6'");
        return
            string.concat(
                "<rect x='248' y='60' width='120' height='32' rx='16' fill='#16233a' stroke='",
                color,
                "'/>",
                shape,
                isLong || isShort ? " fill='" : " fill='none' stroke-width='3' stroke='",
                color,
                "'/>",
                _text(291, 82, 16, color, BOLD, isLong ? "LONG" : (isShort ? "SHORT" : "NONE"))
            );
    }

    function _figures(Card memory c) private pure returns (string memory) {
        return
            string.concat(
                _figure(LEFT, 214, 160, 18, "", "ENTRY PRICE", c.entryPrice),
                _figure(208, 214, 160, 18, "", "PRICE", c.price),
                _figure(LEFT, 262, 160, 18, "", "COLLATERAL", c.collateral),
                _figure(208, 262, 160, 18, "", "EQUITY", c.equity),
                _line(302)
            );
    }

    /// @dev The bar is full with no margin needed, empty where liquidation begins; a mark stands at the margin call.
    function _health(Card memory c) private pure returns (string memory) {
        bool told = c.health >= Health.Healthy;
        bool low = c.health >= Health.Liquidatable;
        string memory color = low ? BAD : (c.health == Health.MarginCall ? WARN : (told ? GOOD : MUTED));
        return
            string.concat(
                _text(LEFT, 326, 11, MUTED, SPACED, "HEALTH"),
                _text(
                    RIGHT,
                    328,
                    18,
                    color,
                    string.concat(BOLD, AT_END),
                    string.concat(low || c.health == Health.MarginCall ? "! " : "", healthName(c.health))
                ),
                "<rect x='32' y='338' width='336' height='14' rx='7' fill='#16233a' stroke='",
                color,
                told ? "'/>" : "' stroke-dasharray='4 4'/>",
                told ? _fill(c, color) : "",
                _text(LEFT, 374, 12, MUTED, "", _caption(c))
            );
    }

    function _fill(Card memory c, string memory color) private pure returns (string memory) {
        string memory mark = Strings.toString(LEFT + (BAR_WIDTH * c.warning) / 100);
        string memory filled =
            c.cushion == 0
                ? ""
                : string.concat(
                    "<rect x='32' y='338' width='",
                    Strings.toString(FixedMath.max((BAR_WIDTH * c.cushion) / 100, 14)),
                    "' height='14' rx='7' fill='",
                    color,
                    "'/>"
                );
        return string.concat(filled, "<path d='M", mark, " 334v22' stroke='", INK, "' stroke-width='2'/>");
    }

    function _caption(Card memory c) private pure returns (string memory) {
        if (c.health == Health.Waiting) return "No order filled yet";
        if (c.health == Health.Unpriced) return "No fresh price to tell by";
        if (c.health == Health.Bankrupt) return "Losses are beyond the collateral";
        return string.concat("Equity is ", c.ratio, " the maintenance margin");
    }

    /// @dev A label and, below it, its figure.
    function _figure(
        uint256 x,
        uint256 y,
        uint256 width,
        uint256 size,
        string memory anchor,
        string memory label,
        string memory value
    ) private pure returns (string memory) {
        return
            string.concat(
                _text(x, y, 11, MUTED, string.concat(SPACED, anchor), label),
                _text(x, y + 4 + size, _fit(value, width, size), INK, string.concat(BOLD, anchor), value)
            );
    }

    function _line(uint256 y) private pure returns (string memory) {
        return string.concat("<path d='M32 ", Strings.toString(y), "h336' stroke='#26364f'/>");
    }

    function _text(
        uint256 x,
        uint256 y,
        uint256 size,
        string memory color,
        string memory attributes,
        string memory content
    ) private pure returns (string memory) {
        return
            string.concat(
                string.concat("<text x='", Strings.toString(x), "' y='", Strings.toString(y)),
                string.concat("' font-size='", Strings.toString(size), "' fill='", color, "'"),
                string.concat(attributes, ">", content, "</text>")
            );
    }

    /// @dev Font size at which a line is no wider than `width`, at most `size`.
    function _fit(string memory line, uint256 width, uint256 size) private pure returns (uint256) {
        uint256 length = FixedMath.max(bytes(line).length, 1);
        return FixedMath.min(size, (width * 100) / (DIGIT_WIDTH * length));
    }
}
