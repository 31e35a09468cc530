// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @notice Numbers as people read them, and foreign text made fit to stand in JSON and XML.
library DisplayStrings {
    /// @notice `value` of `decimals` decimals with the first `places` of them: 1,234.50. The rest is cut off.
    function fixedDecimal(
        uint256 value,
        uint256 decimals,
        uint256 places
    ) internal pure returns (string memory) {
        return _decimal(value / 10 ** (decimals - places), places);
    }

    /// @notice The same without zeros at the end: 1,234.5. What is too small for `places` is told from nothing: under 0.01.
    function shortDecimal(
        uint256 value,
        uint256 decimals,
        uint256 places
    ) internal pure returns (string memory) {
        uint256 shown = value / 10 ** (decimals - places);
        if (shown == 0) return value == 0 ? "0" : string.concat("under ", _decimal(1, places));
        while (places != 0 && shown % 10 == 0) (shown, places) = (shown / 10, places - 1);
        return _decimal(shown, places);
    }

    /// @notice A whole number in groups of three digits: 1,234,567.
    function grouped(uint256 value) internal pure returns (string memory) {
        if (value < 1000) return Strings.toString(value);
        return string.concat(grouped(value / 1000), _padded(",", value % 1000, 3));
    }

    /// @notice The printable ASCII of `text`, no longer than `limit`. What JSON or XML would read as its own, and each
    /// character beyond ASCII, becomes a question mark; control characters and what is left of broken UTF-8 vanish.
    function plain(string memory text, uint256 limit) internal pure returns (string memory) {
        bytes memory input = bytes(text);
        bytes memory output = new bytes(input.length < limit ? input.length : limit);
        uint256 length;
        for (uint256 i; i < input.length && length < limit; ++i) {
            bytes1 char = input[i];
            // Control characters, and all bytes but the first of a character in UTF-8.
            if (char < 0x20 || char == 0x7f || (char >= 0x80 && char < 0xc0)) continue;
            output[length++] = _isReserved(char) ? bytes1("?") : char;
        }
        // Shortens the array to what was written; length is at most its length.
        assembly ("memory-safe") {
            mstore(output, length)
        }
        return string(output);
    }

    /* INTERNAL */

    function _decimal(uint256 value, uint256 places) private pure returns (string memory) {
        uint256 unit = 10 ** places;
        if (places == 0) return grouped(value);
        return string.concat(grouped(value / unit), _padded(".", value % unit, places));
    }

    /// @dev A mark and `digits` digits of `value`, which has no more.
    function _padded(bytes1 mark, uint256 value, uint256 digits) private pure returns (string memory text) {
        text = Strings.toString(10 ** digits + value);
        bytes(text)[0] = mark;
    }

    function _isReserved(bytes1 char) private pure returns (bool) {
        return
            char >= 0xc0 ||
            char == "<" ||
            char == ">" ||
            char == "&" ||
            char == "'" ||
            char == 0x22 || // double quote
            char == 0x5c; // backslash
    }
}
